import { dec } from "#src/core/decimal.ts";
import { OperatorError } from "#src/core/errors.ts";
import { DAY_MS, HOUR_MS } from "#src/core/funding.ts";
import type { Instrument, VenueId } from "#src/core/instrument.ts";
import { type EpochMs, rate } from "#src/core/units.ts";
import type { FeedSettlement, MarketFeed } from "#src/ports/market-feed.ts";
import {
  type AssetShape,
  makeBook,
  makeInstrument,
  onTick,
  tradedOf,
  VENUE_SHAPES,
} from "./market-shape.ts";
import { parseReplayFile, type ReplaySeries } from "./parse-replay-file.ts";
import { gaussian } from "./seeded-random.ts";

/** History that the entry rules need before the first decision. */
const WARM_UP_MS = 15 * DAY_MS;
const MINUTE_MS = 60_000;

interface Listing {
  readonly instrument: Instrument;
  readonly asset: AssetShape;
  readonly series: ReplaySeries;
  readonly marks: ReplaySeries;
  /** Settlements by their place in the series, once somebody asked: trailing means ask again and again. */
  readonly settled: Map<number, FeedSettlement>;
}

/**
 * A real year from a file: rates and intervals as they were; marks of the venue that has them, the other
 * venues a few basis points beside it. The upcoming rate is the one that will settle: the file has no
 * estimates. Spot is left out: the file has no prices of it. After the file's end nothing settles any more. Throws an
 * OperatorError with one clear line when the file is missing or is not what it should be.
 */
export async function loadReplayMarket(
  path: string,
): Promise<MarketFeed & { readonly startAt: EpochMs; readonly endAt: EpochMs }> {
  const all = await parseReplayFile(path);
  const listings = buildListings(all, path);
  const first = Math.min(...all.map((series) => series.at[0] ?? Number.POSITIVE_INFINITY));
  const endAt = Math.max(...all.map((series) => series.at.at(-1) ?? 0));
  const startAt = Math.ceil((first + WARM_UP_MS) / DAY_MS) * DAY_MS - 40 * MINUTE_MS;
  if (startAt >= endAt)
    throw new OperatorError(`${path}: less than ${WARM_UP_MS / DAY_MS} days of data`);

  function find(venue: VenueId, symbol: string): Listing {
    const listing = listings.get(venue)?.get(symbol);
    if (!listing) throw new Error(`no ${symbol} on ${venue}`);
    return listing;
  }

  return {
    startAt,
    endAt,
    venues: [...listings.keys()],
    instruments: (venue) => [...(listings.get(venue)?.values() ?? [])].map((one) => one.instrument),
    mark: (venue, symbol, at) =>
      onTick(find(venue, symbol).asset, priceAt(find(venue, symbol), at)),
    pricedSince: (venue, symbol) => find(venue, symbol).marks.markAt[0] ?? endAt,
    book(venue, symbol, at) {
      const listing = find(venue, symbol);
      const key = `${venue}:${symbol}:${Math.floor(at / MINUTE_MS)}`;
      return makeBook(listing.instrument, listing.asset, priceAt(listing, at), key);
    },
    traded: (venue, symbol) => tradedOf(find(venue, symbol).asset),
    upcomingRate(venue, symbol, at) {
      const { series } = find(venue, symbol);
      const index = Math.min(firstAfter(series.at, at), series.at.length - 1);
      return {
        rate: rate(series.rates[index] ?? "0"),
        intervalHours: series.intervals[index] ?? "8",
        fundingAt: series.at[index] ?? endAt,
      };
    },
    settlements(venue, from, to, symbol) {
      const wanted = symbol ? [find(venue, symbol)] : [...(listings.get(venue)?.values() ?? [])];
      return wanted
        .flatMap((listing) => settlementsOf(listing, from, to))
        .sort((a, b) => a.fundingAt - b.fundingAt);
    },
  };
}

function buildListings(
  all: readonly ReplaySeries[],
  path: string,
): ReadonlyMap<VenueId, Map<string, Listing>> {
  const listings = new Map<VenueId, Map<string, Listing>>();
  for (const series of all) {
    const shape = VENUE_SHAPES.find((one) => one.id === `${series.venue}-sim`);
    if (!shape) throw new OperatorError(`${path}: unknown venue ${series.venue}`);
    const marks = all.find((one) => one.base === series.base && one.marks.size > 0);
    if (!marks) continue; // without any mark there is nothing to trade at
    const asset = shapeOf(series.base, [...marks.marks.values()]);
    const instrument = makeInstrument(shape, asset);
    const venue = listings.get(shape.id) ?? new Map<string, Listing>();
    venue.set(instrument.symbol, { instrument, asset, series, marks, settled: new Map() });
    listings.set(shape.id, venue);
  }
  if (listings.size < 2) throw new OperatorError(`${path}: fewer than two venues with marks`);
  return listings;
}

function settlementsOf(listing: Listing, from: EpochMs, to: EpochMs): readonly FeedSettlement[] {
  const { series, settled } = listing;
  const found: FeedSettlement[] = [];
  for (let index = firstAfter(series.at, from); index < series.at.length; index += 1) {
    if ((series.at[index] ?? 0) > to) break;
    const known = settled.get(index) ?? settlementAt(listing, index);
    settled.set(index, known);
    found.push(known);
  }
  return found;
}

function settlementAt(listing: Listing, index: number): FeedSettlement {
  const { series, instrument, asset } = listing;
  const at = series.at[index] ?? 0;
  return {
    symbol: instrument.symbol,
    fundingAt: at,
    rate: rate(series.rates[index] ?? "0"),
    intervalHours: series.intervals[index] ?? "8",
    refPrice: onTick(asset, priceAt(listing, at)),
  };
}

/** Between two recorded marks on a straight line; other venues a little beside. */
function priceAt({ marks, series }: Listing, at: EpochMs): number {
  const index = Math.max(1, Math.min(firstAfter(marks.markAt, at), marks.markAt.length - 1));
  const [left, right] = [marks.markAt[index - 1] ?? 0, marks.markAt[index] ?? 1];
  const share = Math.max(0, Math.min(1, (at - left) / (right - left)));
  const [low, high] = [marks.marks.get(left) ?? 0, marks.marks.get(right) ?? 0];
  const level = low * (1 - share) + high * share;
  if (series === marks) return level;
  const hour = Math.floor(at / HOUR_MS);
  const within = (at % HOUR_MS) / HOUR_MS;
  const gap = (of: number) => 2e-4 * gaussian(`${series.venue}:${series.base}:${of}`);
  return level * (1 + gap(hour) * (1 - within) + gap(hour + 1) * within);
}

/** Index of the first time strictly after `at`. */
function firstAfter(times: readonly number[], at: EpochMs): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) > at) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Grids that suit an asset's prices: a lot is worth at most 10 USD, a tick at most a basis point. */
function shapeOf(base: string, marks: readonly number[]): AssetShape {
  const level = marks.reduce((least, mark) => Math.min(least, mark));
  const highest = marks.reduce((most, mark) => Math.max(most, mark));
  const magnitude = Math.floor(Math.log10(level));
  const lot = dec("10")
    .pow(-Math.floor(Math.log10(highest)))
    .toFixed();
  return {
    asset: base,
    startPrice: level,
    dailyVolatility: 0,
    priceDecimals: Math.max(0, 5 - magnitude),
    lot,
    contractSize: lot,
    depthUsd: base === "BTC" || base === "ETH" ? 2_000_000 : 300_000,
    halfSpread: base === "BTC" || base === "ETH" ? 0.4e-4 : 0.8e-4,
  };
}
