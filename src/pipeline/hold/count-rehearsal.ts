import { addRehearsed } from "#src/approvals/rehearsal.ts";
import type { VenueId } from "#src/core/instrument.ts";
import { type PipelineContext, tradingStateOf } from "#src/pipeline/context.ts";

/** Rounds come every few seconds; a longer gap (a stopped process, a sleeping machine) was no running. */
const LONGEST_STEP_MS = 15_000;
/** So much may be lost when the process is killed. */
const SAVE_EVERY_MS = 60_000;

/** What has been run since the last saving; of one process. */
export interface RehearsalMeter {
  /** Elapsed time of the last round; null before the first. */
  lastMs: number | null;
  unsavedMs: number;
  readonly byVenue: Map<VenueId, number>;
}

export function createRehearsalMeter(): RehearsalMeter {
  return { lastMs: null, unsavedMs: 0, byVenue: new Map() };
}

/**
 * Counts what live mode asks to be rehearsed, called with every round of the watch: time in which this process
 * ran in mode paper or testnet, recovered and free to trade, venue by venue while it answered. It is measured
 * by the monotonic clock, so that no jump of the wall clock counts.
 */
export function countRehearsal(context: PipelineContext): void {
  const { mode, clock, store, venues, rehearsal: meter } = context;
  if (mode !== "paper" && mode !== "testnet") return;
  const nowMs = clock.elapsedMs();
  const stepMs = Math.min(nowMs - (meter.lastMs ?? nowMs), LONGEST_STEP_MS);
  meter.lastMs = nowMs;
  if (stepMs <= 0 || tradingStateOf(context) !== "active") return;
  meter.unsavedMs += stepMs;
  for (const [id, venue] of venues) {
    const answers = venue.health().state === "ok";
    if (answers) meter.byVenue.set(id, (meter.byVenue.get(id) ?? 0) + stepMs);
  }
  if (meter.unsavedMs < SAVE_EVERY_MS) return;
  store.transaction(() => {
    for (const [id, ms] of meter.byVenue) addRehearsed(store, id, ms);
  });
  meter.byVenue.clear();
  meter.unsavedMs = 0;
}
