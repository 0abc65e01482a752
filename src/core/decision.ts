import type { Decimal } from "./decimal.ts";
import type { Asset, VenueId } from "./instrument.ts";
import type { EpochMs, NotionalUsd, Rate, Usd } from "./units.ts";

/** Places of the decision table. They never change, so that the schema which a model answers is constant. */
export const OPEN_SLOTS = [
  ...(["O1", "O2", "O3", "O4", "O5", "O6", "O7", "O8"] as const),
  ...(["O9", "O10", "O11", "O12", "O13", "O14", "O15", "O16"] as const),
] as const;
export const CLOSE_SLOTS = ["C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8"] as const;
export const SLOTS = [...OPEN_SLOTS, ...CLOSE_SLOTS, "HOLD"] as const;

export type OpenSlot = (typeof OPEN_SLOTS)[number];
export type CloseSlot = (typeof CLOSE_SLOTS)[number];
export type Slot = (typeof SLOTS)[number];

/** What a model may name as the danger in its choice. */
export const DECISION_RISKS = [
  ...(["FUNDING_MAY_TURN", "THIN_BOOK", "HIGH_COST", "VENUE_TROUBLE", "PRICE_TREND"] as const),
  ...(["CROWDED", "SHORT_HISTORY", "NEAR_LIQUIDATION", "NONE"] as const),
] as const;
export type DecisionRisk = (typeof DECISION_RISKS)[number];

/** What code made of the votes. Closed, so that it may be shown to anybody, a model too. */
export const DECISION_GATES = [
  ...(["LOOK_TOO_OLD", "STOPPED_MEANWHILE", "VOTE_MISSING", "NO_VALID_VOTE"] as const),
  ...(["NO_QUORUM", "TIE", "MIN_HOLD", "CLOSE_CARD_LATELY", "RULES_CLOSE_IT"] as const),
  ...(["CARDS_ONLY", "OPENS_WITHOUT_MODEL"] as const),
] as const;
export type DecisionGate = (typeof DECISION_GATES)[number];

/** How a pair's markets look beyond its rates; what is not known is null. */
export interface MarketEvidence {
  /** Of hourly closes of the short leg's market: 0 to 100. */
  readonly rsi14: Decimal | null;
  /** MACD (12, 26, 9) histogram of the same closes, as a fraction of the price. */
  readonly macdHistogram: Decimal | null;
  /** Last close over its EMA(20), less one. */
  readonly emaGap: Decimal | null;
  /** The smaller of the two legs' open interests. */
  readonly openInterestUsd: NotionalUsd | null;
  /** Share of the last 7 days' hours in which the pair paid in this direction: 0 to 1. */
  readonly persistence: Decimal | null;
  /** Mean spread per 8 h of each of the last 7 days in this direction, oldest first; empty: unknown. */
  readonly spread8hByDay: readonly Rate[];
}

/** A pair that may be opened now: everything that code can refuse has been refused already. */
export interface OpenRow {
  readonly slot: OpenSlot;
  readonly opportunityId: string;
  readonly asset: Asset;
  readonly shortVenue: VenueId;
  readonly shortSymbol: string;
  readonly longVenue: VenueId;
  readonly longSymbol: string;
  readonly spread8h: Rate;
  readonly trailingSpread8h: Rate | null;
  /** All four fills, as a fraction of one leg's notional. */
  readonly costRate: Rate;
  readonly netAprOnCapital: Decimal | null;
  readonly breakEvenHours: Decimal | null;
  /** Within the slippage limit, on the thinner book. */
  readonly depthUsd: NotionalUsd | null;
  /** Short leg's price over the long leg's, less one. */
  readonly basis: Decimal | null;
  /** To the sooner of both legs' payments. */
  readonly minutesToFunding: number;
  readonly evidence: MarketEvidence;
}

/** A hedge that may be closed, with why it was opened. */
export interface CloseRow {
  readonly slot: CloseSlot;
  readonly hedgeId: string;
  readonly asset: Asset;
  readonly shortVenue: VenueId;
  readonly longVenue: VenueId;
  /** Market time. */
  readonly ageHours: Decimal;
  /** In code's words, never a model's: what the carry was when it was opened. */
  readonly openedAtSpread8h: Rate | null;
  readonly spread8h: Rate | null;
  readonly trailingSpread8h: Rate | null;
  readonly fundingUsd: Usd;
  readonly feesUsd: Usd;
  readonly pnlUsd: Usd | null;
  /** The rule policy says that its carry has turned. */
  readonly hasTurned: boolean;
}

/** What past choices came to, in figures only: no words of a model come back to it. */
export interface DecisionRecord {
  readonly horizonHours: number;
  /** Choices to open whose outcome is known. */
  readonly count: number;
  /** Share of them that earned more than their costs; null without any. */
  readonly hitShare: Decimal | null;
  /** Mean net result as a fraction of one leg's notional. */
  readonly meanNetRate: Rate | null;
}

export interface DecisionTable {
  /** Market time. */
  readonly at: EpochMs;
  readonly opens: readonly OpenRow[];
  readonly closes: readonly CloseRow[];
  /** Most that code would put on one leg. */
  readonly mostUsd: NotionalUsd;
  readonly record: readonly DecisionRecord[];
}

/** The row of a slot that opens; null for other slots and for those that are not in the table. */
export function openRowOf(table: DecisionTable, slot: Slot | null): OpenRow | null {
  return table.opens.find((row) => row.slot === slot) ?? null;
}

export function closeRowOf(table: DecisionTable, slot: Slot | null): CloseRow | null {
  return table.closes.find((row) => row.slot === slot) ?? null;
}
