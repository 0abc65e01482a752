import type { Decimal } from "./decimal.ts";
import type { FundingRate } from "./funding.ts";
import type { Asset, Instrument } from "./instrument.ts";
import type { Rate } from "./units.ts";

/** An instrument with what its venue says that it pays now. */
export interface ListedRate {
  readonly instrument: Instrument;
  readonly funding: FundingRate;
}

/** One leg of a candidate pair. */
export interface OpportunityLeg extends ListedRate {
  /** Mean realised rate per hour over the look-back; null when history is too short. */
  readonly trailingPerHour: Rate | null;
}

/** A candidate pair: short the leg that pays more, long the other. */
export interface Opportunity {
  /** Made by code, expires with the scan that made it. */
  readonly id: string;
  readonly asset: Asset;
  readonly short: OpportunityLeg;
  readonly long: OpportunityLeg;
  /** Current spread per 8 h in this direction; negative when the market has turned. */
  readonly spread8h: Rate;
  /** Trailing mean of the spread per 8 h in this direction; null when unknown. */
  readonly trailingSpread8h: Rate | null;
  /** All four fills with slippage, as a fraction of one leg's notional. */
  readonly costRate: Rate;
  readonly aprOnNotional: Decimal;
  /** Trailing mean over the horizon less costs, a year, on both legs' margin; null when unknown. */
  readonly netAprOnCapital: Decimal | null;
  /** Expected net USD a day per 1,000 USD of one leg's notional: the order of the list. */
  readonly netUsdPerDayPer1000: Decimal | null;
  readonly breakEvenHours: Decimal | null;
  readonly worthwhile: boolean;
  /** Why it is not worthwhile; null when it is. */
  readonly reason: OpportunityReason | null;
}

export type OpportunityReason =
  | "HISTORY_TOO_SHORT"
  | "CARRY_BELOW_COST"
  | "SPREAD_TURNED"
  | "SPREAD_BELOW_FLOOR"
  | "NET_APR_BELOW_MINIMUM"
  | "DEPTH_TOO_THIN"
  | "PRICE_MISMATCH";
