import type { EpochMs } from "#src/core/units.ts";

export interface KilledLeg {
  readonly venue: string;
  readonly instrument: string;
  readonly sizeBase: string;
  readonly closed: boolean;
  /** From the command to the closing order's answer. */
  readonly elapsedMs: number;
}

export interface KillResult {
  /** Verified on every venue. */
  readonly flat: boolean;
  readonly legs: readonly KilledLeg[];
  readonly lastOrderSentMs: number | null;
  readonly elapsedMs: number;
}

export interface KillRun {
  readonly startedAt: EpochMs;
  readonly legs: Map<string, KilledLeg>;
  lastOrderSentMs: number | null;
  /** Venues that showed nothing, whatever our books say: since when (elapsed), and how often in a row. */
  readonly empty: Map<string, { readonly sinceMs: number; readonly looks: number }>;
  /** Sizes that a venue found too small to close, by "venue:symbol": not sent again. */
  readonly tooSmall: Map<string, string>;
}
