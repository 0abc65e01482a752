import { HOUR_MS } from "#src/core/funding.ts";
import type { EpochMs } from "#src/core/units.ts";

/** Settlements are on the hour; what happens a moment later carries the moment. */
export function hourOf(at: EpochMs): EpochMs {
  return Math.floor(at / HOUR_MS) * HOUR_MS;
}
