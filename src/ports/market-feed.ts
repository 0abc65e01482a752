import type { BookLevel } from "#src/core/book.ts";
import type { Instrument, VenueId } from "#src/core/instrument.ts";
import type { BaseSize, EpochMs, NotionalUsd, Price, Rate } from "#src/core/units.ts";

export interface FeedRate {
  readonly rate: Rate;
  readonly intervalHours: string;
  readonly fundingAt: EpochMs;
}

export interface FeedSettlement {
  readonly symbol: string;
  readonly fundingAt: EpochMs;
  readonly rate: Rate;
  readonly intervalHours: string;
  /** The mark (or oracle) at the settlement, which the payment is computed on. */
  readonly refPrice: Price;
}

export interface FeedBorrow {
  /** Fraction of the borrowed amount per hour. */
  readonly perHour: Rate;
  /** Null: nobody says. */
  readonly maxBorrowBase: BaseSize | null;
  /** The mark at that moment, which interest is computed on. */
  readonly refPrice: Price;
}

/** The market that a paper venue stands in: synthetic, replayed or live. `at` is market time. */
export interface MarketFeed {
  readonly venues: readonly VenueId[];
  /** How settlements come to be known; absent where the whole past is known at once. */
  readonly lateness?: {
    /** One may show this long after it happened. */
    readonly ms: number;
    /** Up to when the settlements of all these instruments since then have been read. */
    readThrough(symbols: ReadonlySet<string>, since: EpochMs): EpochMs;
  };
  instruments(venue: VenueId): readonly Instrument[];
  mark(venue: VenueId, symbol: string, at: EpochMs): Price;
  /** The first time that it has a price of; absent where it knows no past prices. */
  pricedSince?(venue: VenueId, symbol: string): EpochMs;
  book(
    venue: VenueId,
    symbol: string,
    at: EpochMs,
  ): { readonly bids: readonly BookLevel[]; readonly asks: readonly BookLevel[] };
  /** USDT for one USDC there; absent, or null, where nobody says. */
  usdcInUsdt?(venue: VenueId, at: EpochMs): Price | null;
  /** How much is traded there, and how much is held open; absent where it knows neither. */
  traded?(
    venue: VenueId,
    symbol: string,
  ): { readonly volume24hUsd: NotionalUsd; readonly openInterestUsd: NotionalUsd };
  /** The upcoming settlement's estimate. */
  upcomingRate(venue: VenueId, symbol: string, at: EpochMs): FeedRate;
  /** What selling a spot instrument short costs; null when nobody lends it, absent where there is no spot. */
  borrow?(venue: VenueId, symbol: string, at: EpochMs): FeedBorrow | null;
  /** Settlements in (from, to], oldest first; all symbols of the venue, or one. */
  settlements(
    venue: VenueId,
    from: EpochMs,
    to: EpochMs,
    symbol?: string,
  ): readonly FeedSettlement[];
}
