import type { FundingPayment, FundingRate } from "#src/core/funding.ts";
import type { Hedge, HedgeChange, HedgePhase, LegIndex } from "#src/core/hedge.ts";
import type { VenueId } from "#src/core/instrument.ts";
import type { LedgerEntry } from "#src/core/ledger-entry.ts";
import type { Mandate } from "#src/core/mandate.ts";
import type { AttemptState, Fill, OrderAttempt } from "#src/core/order.ts";
import type { EpochMs, Usd } from "#src/core/units.ts";

export interface HedgeStore {
  insertHedge(hedge: Hedge): void;
  getHedge(id: string): Hedge | null;
  /** Oldest first; all phases when none is named. */
  listHedges(phases?: readonly HedgePhase[]): readonly Hedge[];
  /** Those that were opened or closed last, the newest first. */
  latestHedges(limit: number): readonly Hedge[];
  /** Compare and set on version; throws when the phase change is not legal or the version moved. */
  updateHedge(hedge: Hedge, change: HedgeChange): Hedge;
}

export interface OrderStore {
  insertAttempt(attempt: OrderAttempt): void;
  /** Throws when the edge is not in the published table (see core/order AttemptState). */
  moveAttempt(clientOrderId: string, to: AttemptState, detail?: string): void;
  getAttempt(clientOrderId: string): OrderAttempt | null;
  /** Newest last. */
  listAttempts(filter: {
    readonly hedgeId?: string;
    readonly states?: readonly AttemptState[];
  }): readonly OrderAttempt[];
  /** May an order of this hedge, or of one of its legs, still fill? */
  hasLiveAttempt(hedgeId: string, legIndex?: LegIndex): boolean;
  /** All that were ever made for this hedge. */
  countAttempts(hedgeId: string): number;
  /** False when (venue, tradeId) is already there: a fill is booked once. */
  insertFill(fill: Fill, hedgeId: string | null): boolean;
  hasFill(venue: VenueId, tradeId: string): boolean;
  listFills(hedgeId: string): readonly Fill[];
}

export interface MandateStore {
  insertMandate(mandate: Mandate): void;
  getMandate(id: string): Mandate | null;
  /** The armed one; there is never more than one. */
  armedMandate(): Mandate | null;
  /** offered → armed | revoked | expired, armed → revoked | expired; false when it already moved. */
  moveMandate(id: string, to: Mandate["state"], at: EpochMs): boolean;
}

export interface LedgerStore {
  /** False when the id is already there. */
  insertLedgerEntry(entry: LedgerEntry): boolean;
  listLedgerEntries(filter?: {
    readonly hedgeId?: string;
    /** Market time, inclusive. */
    readonly since?: EpochMs;
  }): readonly LedgerEntry[];
  /**
   * What was booked after the entry numbered `seq`, in the order of booking; 0 for everything. Entries are
   * never changed, so whoever keeps sums reads each of them once.
   */
  ledgerAfter(seq: number): readonly { readonly seq: number; readonly entry: LedgerEntry }[];
  /** False when (venue, paymentId) is already there. */
  insertFundingPayment(payment: FundingPayment, hedgeId: string | null): boolean;
  listFundingPayments(hedgeId: string): readonly FundingPayment[];
  /** Fills without their ledger entries yet, with the hedge that they belong to. */
  markFillPosted(venue: VenueId, tradeId: string): void;
  unpostedFills(): readonly { readonly fill: Fill; readonly hedgeId: string | null }[];
}

/** What all accounts held at a moment: what charts, drawdown and Sharpe are made of. */
export interface EquityPoint {
  /** Market time. */
  readonly at: EpochMs;
  readonly equityUsd: Usd;
  /** Deposits less withdrawals since the point before: no gain and no loss. */
  readonly flowsUsd: Usd;
}

export interface EquityStore {
  /** One point a moment: a second one for the same `at` replaces it. */
  saveEquityPoint(point: EquityPoint): void;
  /** With at in (since, until], oldest first. */
  listEquityPoints(since: EpochMs, until: EpochMs): readonly EquityPoint[];
  latestEquityPoint(): EquityPoint | null;
}

export interface RateStore {
  /** One row a (venue, symbol, fundingAt); the newest estimate replaces the older one. */
  saveRates(rates: readonly FundingRate[]): void;
  /** Samples with fundingAt in (since, until], oldest first. */
  listRates(venue: VenueId, symbol: string, since: EpochMs, until: EpochMs): readonly FundingRate[];
}
