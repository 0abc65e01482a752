import type { Decimal } from "./decimal.ts";
import type { FundingRate } from "./funding.ts";
import type { Asset, Instrument, VenueId } from "./instrument.ts";
import type { NotionalUsd, Rate } from "./units.ts";

/** An instrument with what its venue says that it pays now. */
export interface ListedRate {
  readonly instrument: Instrument;
  readonly funding: FundingRate;
  /** Of a spot leg: what selling it short costs an hour; null where nothing is lent. Absent for perps. */
  readonly borrowPerHour?: Rate | null;
}

/** One leg of a candidate pair. */
export interface OpportunityLeg extends ListedRate {
  /**
   * Mean realised rate per hour over the look-back; null when history is too short. Of a spot leg: 0 long,
   * minus the current borrow short.
   */
  readonly trailingPerHour: Rate | null;
}

/** What to expect of a spread that falls back as it used to: to look at, beside the gate. */
export interface FadingSpread {
  /** What the spread of now should pay over the horizon, before costs. */
  readonly expectedCarryRate: Rate;
  /** The spread of now that would just pay the costs; negative: the mean alone pays them. */
  readonly payingSpread8h: Rate;
}

/** A candidate pair: short the leg that pays more, long the other; perps of two venues, or spot and perp of one. */
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
  /** What one leg could be now: the least of the limits, the books and the open interests. */
  readonly sizeUsd: NotionalUsd;
  /** Expected net USD a day at that size: the order of the list. */
  readonly netUsdPerDay: Decimal | null;
  /**
   * What to expect if the spread falls back as it used to; null without a history of both legs. Worked out
   * when it is asked for: most pairs are never shown.
   */
  readonly fading: () => FadingSpread | null;
  readonly breakEvenHours: Decimal | null;
  readonly worthwhile: boolean;
  /** Why it is not worthwhile; null when it is. */
  readonly reason: OpportunityReason | null;
  /** The two figures that decided; of a worthwhile one its carry and what the gate asked for. */
  readonly figures: ReasonFigures | null;
}

/** What there is, and what the rule asks for. */
export interface ReasonFigures {
  /** Null where nobody says. */
  readonly have: Decimal | null;
  readonly need: Decimal;
  readonly unit: "usd" | "rate" | "rate8h" | "apr" | "days";
  /** Whose market it is about; null when it is about the pair. */
  readonly venue: VenueId | null;
}

export type OpportunityReason =
  | "ASSET_NOT_WANTED"
  | "HISTORY_TOO_SHORT"
  | "CARRY_BELOW_COST"
  | "SPREAD_TURNED"
  | "SPREAD_BELOW_FLOOR"
  | "NET_APR_BELOW_MINIMUM"
  | "FUNDING_BELOW_FLOOR"
  | "BORROW_ABOVE_FUNDING"
  | "VOLUME_TOO_LOW"
  | "VOLUME_UNKNOWN"
  | "OPEN_INTEREST_TOO_LOW"
  | "OPEN_INTEREST_UNKNOWN"
  | "BID_ASK_TOO_WIDE"
  | "DEPTH_TOO_THIN"
  | "PRICE_MISMATCH"
  | "DELISTING"
  | "INTERVAL_UNSURE";
