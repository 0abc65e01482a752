import type { Hedge, HedgeLeg } from "#src/core/hedge.ts";
import type { VenueId } from "#src/core/instrument.ts";
import type { Fill, OrderAttempt } from "#src/core/order.ts";
import type { TradingState } from "#src/core/trading-state.ts";
import type { BaseSize, EpochMs, SignedBase } from "#src/core/units.ts";
import type { WireRecord } from "#src/execution/engine-memory.ts";
import type { AlertReason } from "#src/ports/store.ts";

/** One hedge with everything that the rules ask about it. */
export interface HedgeView {
  readonly hedge: Hedge;
  readonly attempts: readonly OrderAttempt[];
  readonly fills: readonly Fill[];
  /** Why the owner was told something about it, ever. */
  readonly alerts: readonly AlertReason[];
  /** Who allowed it: a consumed approval, a mandate, or nobody. */
  readonly authority: "approval" | "mandate" | null;
  /** The part that is too small for any order, as it was told to the owner; null for none. */
  readonly dustBase: BaseSize | null;
  /** The larger of both legs' lot steps; null while the instruments are not known. */
  readonly lotBase: BaseSize | null;
  /** Elapsed time since which it was not shown to be neutral and the owner not told; null when it was. */
  readonly unsureSinceMs: number | null;
}

/** What one check looks at: the durable rows, the wire, and the venues as far as they are known. */
export interface EngineView {
  readonly nowMs: number;
  readonly wallNow: EpochMs;
  readonly tradingState: TradingState;
  readonly hedges: readonly HedgeView[];
  readonly wire: readonly WireRecord[];
  /** What a venue reported last; null when it never did. */
  readonly positionOf: (venue: VenueId, symbol: string) => SignedBase | null;
  /** Is a reported balance this leg? Exactly so unless said: spot balances hold more than hedges do. */
  readonly agrees?: (leg: HedgeLeg, reportedBase: SignedBase) => boolean;
  /** The same hedges at the check before, by id; empty at the first. */
  readonly before: ReadonlyMap<string, HedgeView>;
  readonly ticketLifeMs: number;
  readonly auditIntact: boolean;
  /** How long the start has been going on; null when it is over. */
  readonly recoveringMs: number | null;
  /** How long after the command /kill was durable; null without one. */
  readonly killDurableMs: number | null;
}

export interface Violation {
  readonly rule: string;
  readonly hedgeId: string | null;
  readonly detail: string;
}

/** One rule of the contract; an empty list when it holds. */
export type Invariant = (view: EngineView) => readonly Violation[];
