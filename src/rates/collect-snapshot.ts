import { type Decimal, ONE } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import type { FundingRate } from "#src/core/funding.ts";
import { type Asset, type Instrument, isSpotSymbol, type VenueId } from "#src/core/instrument.ts";
import type { EntryStop } from "#src/core/rules/entry-stop.ts";
import type { LegSnapshot, Snapshot } from "#src/core/snapshot.ts";
import { notionalUsd, signedBase, type Usd } from "#src/core/units.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { RawFundingRate, Venue } from "#src/ports/venue.ts";
import { freshBorrows, listSpot } from "./list-spot.ts";
import { normalizeRawRate } from "./normalize-rate.ts";

export interface LegName {
  readonly venue: VenueId;
  readonly symbol: string;
}

/**
 * Everything the guard looks at, read fresh from both venues at once. Throws RetryableError when a venue
 * does not answer or a rate cannot be understood: half a picture is none.
 */
export async function collectSnapshot(options: {
  readonly venues: ReadonlyMap<VenueId, Venue>;
  readonly legs: readonly [LegName, LegName];
  readonly hedgedAssets: readonly Asset[];
  readonly reservedUsd: ReadonlyMap<VenueId, Usd>;
  readonly entryStops: readonly EntryStop[];
  readonly leverage: Decimal;
  readonly clock: Clock;
}): Promise<Snapshot> {
  const { legs, clock, hedgedAssets, reservedUsd, entryStops } = options;
  const both = await Promise.all([readLeg(options, legs[0]), readLeg(options, legs[1])]);
  return {
    takenAt: clock.wallNow(),
    marketAt: clock.marketNow(),
    legs: both,
    hedgedAssets,
    reservedUsd,
    entryStops,
    portfolio: null,
  };
}

async function readLeg(
  options: Parameters<typeof collectSnapshot>[0],
  name: LegName,
): Promise<LegSnapshot> {
  const { venues, clock, leverage } = options;
  const { venue: venueId, symbol } = name;
  const venue = venues.get(venueId);
  if (!venue) throw new RetryableError(`venue ${venueId} is not connected`);
  const isSpot = isSpotSymbol(symbol);
  const [instruments, book, stats, raws, borrows, account, positions, fees] = await Promise.all([
    venue.data.instruments(),
    venue.data.orderBook(symbol),
    venue.data.marketStats(symbol),
    isSpot ? [] : venue.data.fundingRates(),
    isSpot ? (venue.data.borrowRates?.().catch(() => []) ?? []) : [],
    venue.account.account(isSpot ? "spot" : "perp"),
    venue.account.positions(),
    venue.account.feeRates(symbol),
  ]);
  const listed = instruments.find((one) => one.symbol === symbol);
  if (!listed) throw new RetryableError(`${venueId} says nothing about ${symbol}`);
  // What this account pays, not what the venue lists.
  const instrument = { ...listed, ...fees };
  const funding = isSpot ? spotPays(instrument, clock) : perpPays(instrument, raws, clock);
  const held = positions.find((position) => position.symbol === symbol);
  return {
    ...{ instrument, book, markPrice: stats.markPrice, funding, account },
    openInterestUsd:
      stats.openInterestBase && notionalUsd(stats.openInterestBase.times(stats.markPrice)),
    leverage: isSpot ? ONE : leverage,
    ...(isSpot ? { borrow: freshBorrows(borrows, clock.wallNow()).get(listed.asset) ?? null } : {}),
    provable: venue.capabilities.provable,
    positionBase: held?.sizeBase ?? signedBase("0"),
  };
}

function spotPays(instrument: Instrument, clock: Clock): FundingRate {
  const [listed] = listSpot([instrument], [], clock);
  if (!listed) throw new RetryableError(`${instrument.venue} ${instrument.symbol} is not spot`);
  return listed.funding;
}

function perpPays(
  instrument: Instrument,
  raws: readonly RawFundingRate[],
  clock: Clock,
): FundingRate {
  const { venue, symbol } = instrument;
  const raw = raws.find((one) => one.symbol === symbol);
  if (!raw) throw new RetryableError(`${venue} says nothing about ${symbol}`);
  const funding = normalizeRawRate(raw, instrument, clock.marketNow());
  if (typeof funding === "string") throw new RetryableError(`${venue} ${symbol}: ${funding}`);
  return funding;
}
