import type { BookLevel } from "#src/core/book.ts";
import type { Instrument, VenueId } from "#src/core/instrument.ts";
import type { EpochMs, Price, Rate } from "#src/core/units.ts";

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
  /** The upcoming settlement's estimate. */
  upcomingRate(venue: VenueId, symbol: string, at: EpochMs): FeedRate;
  /** Settlements in (from, to], oldest first; all symbols of the venue, or one. */
  settlements(
    venue: VenueId,
    from: EpochMs,
    to: EpochMs,
    symbol?: string,
  ): readonly FeedSettlement[];
}
