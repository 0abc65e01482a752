import type { HedgeView } from "./views.ts";

/** Price, funding, fees and interest sum exactly to the total. */
export interface PnlView {
  readonly priceUsd: string;
  readonly fundingUsd: string;
  /** Negative when paid, as interest is. */
  readonly feesUsd: string;
  readonly interestUsd: string;
  readonly totalUsd: string;
  /** Sum to the price: what the gap between the legs made, and what unequal legs made. */
  readonly basisUsd: string;
  readonly residualUsd: string;
  /** Sum to the total: what is held, from its entry to the mark, is not realised. */
  readonly realisedUsd: string;
  readonly unrealisedUsd: string;
}

export interface VenueResultView {
  readonly venue: string;
  /** Null when a mark is missing; then the total is too. */
  readonly priceUsd: string | null;
  readonly fundingUsd: string;
  readonly feesUsd: string;
  readonly interestUsd: string;
  readonly totalUsd: string | null;
  /** Deposits less withdrawals that the venue told of. */
  readonly transfersUsd: string;
  readonly equityUsd: string | null;
}

export interface DayResultView {
  /** "2026-01-31", UTC; what is paid at midnight belongs to the day that it ends. */
  readonly day: string;
  readonly fundingUsd: string;
  readonly feesUsd: string;
  readonly interestUsd: string;
  /** What the accounts gained since the last known evening, without deposits; null when nobody looked. */
  readonly gainUsd: string | null;
  /** The gain less what is booked: prices, and anything unexplained. */
  readonly otherUsd: string | null;
}

/** Null: not known, or too little to say it. Fractions, not percent. */
export interface PerformanceFigures {
  /** Whole days with a gain that is known: what the Sharpe ratio rests on, and how many it needs. */
  readonly days: number;
  readonly daysNeeded: number;
  /** Of daily gains on equity above the cash yield, corrected for autocorrelation (Lo). */
  readonly sharpe: string | null;
  readonly maxDrawdown: string | null;
  readonly timeWeightedReturn: string | null;
  /** Zero is no win. */
  readonly winRatePeriods: string | null;
  readonly fundingPeriods: number;
  readonly winRatePositions: string | null;
  readonly closedPositions: number;
  readonly averageHoldingHours: string | null;
  readonly hedgesOverEquity: string | null;
  readonly grossOverEquity: string | null;
  readonly marginOverEquity: string | null;
  /** What is aimed at, from the settings; nothing steers for it. */
  readonly cashYield: string;
  readonly targetSharpe: string;
  readonly targetWinRate: string;
  readonly targetUtilisation: string;
}

export interface PerformanceView {
  readonly asOf: string;
  readonly total: PnlView | null;
  readonly hedges: readonly (HedgeView & { readonly pnl: PnlView | null })[];
  readonly venues: readonly VenueResultView[];
  /** The newest first; at most 30, none before the first point of equity. */
  readonly days: readonly DayResultView[];
  readonly figures: PerformanceFigures;
  /** Payments that belong to no hedge of ours. */
  readonly otherUsd: string;
  readonly transfersUsd: string;
  /**
   * What money in USDT made against USDC, each of which counts as 1 in all other figures; "0" when all
   * venues settle in one, null when not known.
   */
  readonly quoteFxUsd: string | null;
  readonly equityUsd: string | null;
  readonly equityAtStartUsd: string | null;
  /** Equity change that the ledger does not explain; "0" when all is booked, null when unknown. */
  readonly unexplainedUsd: string | null;
}
