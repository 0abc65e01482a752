import { join } from "node:path";
import type { Settings } from "#config/schema.ts";

/** Real money has a folder of its own beside the rehearsal: their books never mix. */
export function stateFolder({ state, mode }: Pick<Settings, "state" | "mode">): string {
  return mode === "live" ? join(state, "live") : state;
}
