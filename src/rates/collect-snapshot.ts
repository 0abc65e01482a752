import type { Decimal } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import type { Asset, VenueId } from "#src/core/instrument.ts";
import type { LegSnapshot, Snapshot } from "#src/core/snapshot.ts";
import { type NotionalUsd, signedBase } from "#src/core/units.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Venue } from "#src/ports/venue.ts";
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
  readonly reservedUsd: ReadonlyMap<VenueId, NotionalUsd>;
  readonly leverage: Decimal;
  readonly clock: Clock;
}): Promise<Snapshot> {
  const { legs, clock, hedgedAssets, reservedUsd } = options;
  const both = await Promise.all([readLeg(options, legs[0]), readLeg(options, legs[1])]);
  return {
    takenAt: clock.wallNow(),
    marketAt: clock.marketNow(),
    legs: both,
    hedgedAssets,
    reservedUsd,
  };
}

async function readLeg(
  { venues, clock, leverage }: Parameters<typeof collectSnapshot>[0],
  { venue: venueId, symbol }: LegName,
): Promise<LegSnapshot> {
  const venue = venues.get(venueId);
  if (!venue) throw new RetryableError(`venue ${venueId} is not connected`);
  const [instruments, book, stats, raws, account, positions, fees] = await Promise.all([
    venue.data.instruments(),
    venue.data.orderBook(symbol),
    venue.data.marketStats(symbol),
    venue.data.fundingRates(),
    venue.account.account(),
    venue.account.positions(),
    venue.account.feeRates(symbol),
  ]);
  const listed = instruments.find((one) => one.symbol === symbol);
  const raw = raws.find((one) => one.symbol === symbol);
  if (!listed || !raw) throw new RetryableError(`${venueId} says nothing about ${symbol}`);
  // What this account pays, not what the venue lists.
  const instrument = { ...listed, ...fees };
  const funding = normalizeRawRate(raw, instrument, clock.marketNow());
  if (typeof funding === "string") throw new RetryableError(`${venueId} ${symbol}: ${funding}`);
  const held = positions.find((position) => position.symbol === symbol);
  return {
    ...{ instrument, book, markPrice: stats.markPrice, funding, account, leverage },
    provable: venue.capabilities.provable,
    positionBase: held?.sizeBase ?? signedBase("0"),
  };
}
