import type { Asset, VenueId } from "./instrument.ts";
import type { BaseSize, EpochMs, Price } from "./units.ts";

export type Side = "long" | "short";
export type LegIndex = 0 | 1;

/**
 * opening → open → closing → closed; opening → unwinding → closed when a leg could not fill; open →
 * unwinding → open while both legs are cut;
 * `review` means code could not make it neutral: nothing is opened on it, a person decides.
 */
export type HedgePhase = "opening" | "open" | "unwinding" | "closing" | "closed" | "review";

const NEXT_PHASES: Readonly<Record<HedgePhase, readonly HedgePhase[]>> = {
  opening: ["open", "unwinding", "closing", "closed", "review"],
  // Straight to closed when /kill or a liquidation has taken both legs; unwinding while both are cut.
  open: ["unwinding", "closing", "closed", "review"],
  unwinding: ["open", "closing", "closed", "review"],
  closing: ["closing", "closed", "open", "review"],
  review: ["closing", "closed", "open"],
  closed: [],
};

export interface HedgeLeg {
  readonly index: LegIndex;
  readonly venue: VenueId;
  readonly symbol: string;
  readonly side: Side;
  /** What the proposal asked for. */
  readonly targetBase: BaseSize;
  /** What the fills say we hold now. */
  readonly heldBase: BaseSize;
  /** Average price of the entry fills; null before the first one. */
  readonly entryPrice: Price | null;
}

/** Two legs, same asset, equal base size, opposite sides. Ours; a position is what a venue reports. */
export interface Hedge {
  readonly id: string;
  readonly asset: Asset;
  readonly phase: HedgePhase;
  readonly proposalId: string;
  /** Set when a mandate opened it, so that the mandate's room can be counted. */
  readonly mandateId: string | null;
  readonly legs: readonly [HedgeLeg, HedgeLeg];
  readonly openedAt: EpochMs;
  readonly closedAt: EpochMs | null;
  /** Wall time, for counting a mandate's day. */
  readonly createdAtWall: EpochMs;
  /** Rises by one with every change; writers compare and set. */
  readonly version: number;
}

export interface HedgeChange {
  readonly phase?: HedgePhase;
  readonly legs?: readonly [HedgeLeg, HedgeLeg];
  readonly closedAt?: EpochMs;
}

/** The hedge after a change, one version on. Throws when the phase may not move so. */
export function changeHedge(hedge: Hedge, change: HedgeChange): Hedge {
  const phase = change.phase ?? hedge.phase;
  if (phase !== hedge.phase && !canMoveTo(hedge.phase, phase)) {
    throw new Error(`hedge ${hedge.id} cannot go from ${hedge.phase} to ${phase}`);
  }
  return {
    ...hedge,
    phase,
    version: hedge.version + 1,
    legs: change.legs ?? hedge.legs,
    closedAt: change.closedAt ?? hedge.closedAt,
  };
}

export function canMoveTo(from: HedgePhase, to: HedgePhase): boolean {
  return NEXT_PHASES[from].includes(to);
}

/** Every phase but the last. */
export const LIVE_PHASES: readonly HedgePhase[] = [
  "opening",
  "open",
  "unwinding",
  "closing",
  "review",
];

export function isLive(phase: HedgePhase): boolean {
  return phase !== "closed";
}
