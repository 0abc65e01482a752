import type { EpochMs } from "#src/core/units.ts";

/**
 * Two times. Market time (settlements, scans, holding periods) may run faster in the sandbox; wall time
 * is for people (approvals), for data freshness and for network deadlines. Both are UTC milliseconds.
 */
export interface Clock {
  wallNow(): EpochMs;
  marketNow(): EpochMs;
  /** Milliseconds since some moment; never jumps, so that durations can be trusted. */
  elapsedMs(): number;
  /** Runs `work` after `ms` of real time, unless it is taken back with what this returns. */
  later(ms: number, work: () => void): () => void;
  /** Resolves after `ms` of real time, or early when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
