import type { EpochMs } from "./units.ts";

/** ISO 8601 in UTC, whole seconds: 2026-01-31T08:00:00Z. */
export function isoTime(at: EpochMs): string {
  return new Date(at).toISOString().replace(/\.\d{3}Z$/, "Z");
}
