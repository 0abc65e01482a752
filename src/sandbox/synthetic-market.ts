import { dec } from "#src/core/decimal.ts";
import { DAY_MS, HOUR_MS, nextSettlement } from "#src/core/funding.ts";
import type { Instrument, VenueId } from "#src/core/instrument.ts";
import { baseSize, type EpochMs, price, type Rate, rate } from "#src/core/units.ts";
import type { FeedSettlement, MarketFeed } from "#src/ports/market-feed.ts";
import {
  makeBook,
  makeInstrument,
  makeSpotInstrument,
  onTick,
  tradedOf,
  VENUE_SHAPES,
} from "./market-shape.ts";
import { createAutoregression, gaussian, uniform } from "./seeded-random.ts";
import { OTHER_SPREAD, SYNTHETIC_ASSETS, type SyntheticAsset } from "./synthetic-assets.ts";

/** Nothing exists before this. */
const EPOCH = Date.UTC(2025, 10, 1);
/** 40 minutes before a settlement, with two months of history behind it. */
const START_AT = Date.UTC(2026, 0, 5, 7, 20);
const BUCKET_HOURS = 8;
const HOURS_PER_YEAR = 8760;
const BP = 1e-4;
const MINUTE_MS = 60_000;
/** Its dollars are worth the same, as nearly as they are on most days. */
const USDC_IN_USDT = price("1.0001");

interface Listing {
  readonly instrument: Instrument;
  readonly asset: SyntheticAsset;
  readonly intervalHours: number;
  /** Float price at a market time. */
  priceAt(at: EpochMs): number;
  /** Float funding of the hour that ends at `hour` hours after the epoch. */
  hourRate(hour: number): number;
}

/**
 * A market that is a pure function of (seed, market time): the same after a restart, whatever was asked
 * before. Funding spreads have the mean, deviation and autocorrelation of the measured ones.
 */
export function createSyntheticMarket(options: { readonly seed: number }): MarketFeed & {
  readonly startAt: EpochMs;
} {
  const listings = new Map<VenueId, Map<string, Listing>>(
    VENUE_SHAPES.map((shape) => [shape.id, new Map()]),
  );
  for (const asset of SYNTHETIC_ASSETS) {
    const spot = createSpot(options.seed, asset);
    const common = createAutoregression(`${options.seed}:${asset.asset}:level`, 0.5 * BP, 0.8);
    for (const shape of VENUE_SHAPES) {
      for (const instrument of [makeInstrument(shape, asset), makeSpotInstrument(shape, asset)]) {
        if (!instrument) continue;
        const listing = list(options.seed, asset, instrument, spot, common);
        listings.get(shape.id)?.set(instrument.symbol, listing);
      }
    }
  }

  function find(venue: VenueId, symbol: string): Listing {
    const listing = listings.get(venue)?.get(symbol);
    if (!listing) throw new Error(`no ${symbol} on ${venue}`);
    return listing;
  }

  return {
    startAt: START_AT,
    venues: [...listings.keys()],
    instruments: (venue) => [...(listings.get(venue)?.values() ?? [])].map((one) => one.instrument),
    mark(venue, symbol, at) {
      const listing = find(venue, symbol);
      return onTick(listing.asset, listing.priceAt(at));
    },
    pricedSince: () => EPOCH,
    book(venue, symbol, at) {
      const { instrument, asset, priceAt } = find(venue, symbol);
      const minute = Math.floor(at / MINUTE_MS);
      return makeBook(
        instrument,
        asset,
        priceAt(at),
        `${options.seed}:${venue}:${symbol}:${minute}`,
      );
    },
    usdcInUsdt: () => USDC_IN_USDT,
    traded: (venue, symbol) => tradedOf(find(venue, symbol).asset),
    borrow(venue, symbol, at) {
      const listing = find(venue, symbol);
      const { borrowApr, depthUsd, startPrice } = listing.asset;
      if (listing.instrument.kind === "perp" || borrowApr === null) return null;
      const day = Math.floor(at / DAY_MS);
      const moved = 0.8 + 0.4 * uniform(`${options.seed}:${venue}:${symbol}:borrow:${day}`);
      return {
        perHour: asRate((borrowApr * moved) / HOURS_PER_YEAR),
        maxBorrowBase: baseSize((depthUsd / startPrice).toFixed(0)),
        refPrice: onTick(listing.asset, listing.priceAt(at)),
      };
    },
    upcomingRate(venue, symbol, at) {
      const listing = find(venue, symbol);
      const interval = dec(String(listing.intervalHours));
      const fundingAt = nextSettlement(at, interval);
      const left = (fundingAt - at) / (listing.intervalHours * HOUR_MS);
      const wobble = 0.03 * BP * left * gaussian(`${options.seed}:${venue}:${symbol}:${fundingAt}`);
      return {
        rate: asRate(settledRate(listing, fundingAt) + wobble),
        intervalHours: interval.toFixed(),
        fundingAt,
      };
    },
    settlements(venue, from, to, symbol) {
      const wanted = symbol ? [find(venue, symbol)] : [...(listings.get(venue)?.values() ?? [])];
      return wanted
        .filter((listing) => listing.instrument.kind === "perp")
        .flatMap((listing) => settlementsOf(listing, from, to))
        .sort((a, b) => a.fundingAt - b.fundingAt);
    },
  };
}

function settlementsOf(listing: Listing, from: EpochMs, to: EpochMs): readonly FeedSettlement[] {
  const interval = dec(String(listing.intervalHours));
  const found: FeedSettlement[] = [];
  let at = nextSettlement(Math.max(from, EPOCH), interval);
  for (; at <= to; at = nextSettlement(at, interval)) {
    found.push({
      symbol: listing.instrument.symbol,
      fundingAt: at,
      rate: asRate(settledRate(listing, at)),
      intervalHours: interval.toFixed(),
      refPrice: onTick(listing.asset, listing.priceAt(at)),
    });
  }
  return found;
}

/** The hours of the interval added up: what an hourly venue pays in pieces, others pay at once. */
function settledRate(listing: Listing, fundingAt: EpochMs): number {
  const last = Math.round((fundingAt - EPOCH) / HOUR_MS);
  let total = 0;
  for (let hour = last - listing.intervalHours + 1; hour <= last; hour += 1) {
    total += listing.hourRate(hour);
  }
  return total;
}

function list(
  seed: number,
  asset: SyntheticAsset,
  instrument: Instrument,
  spot: (at: EpochMs) => number,
  common: (bucket: number) => number,
): Listing {
  const place = `${seed}:${instrument.venue}:${asset.asset}`;
  const key = instrument.kind === "spot" ? `${place}:spot` : place;
  const hourly = instrument.venue === "hyperliquid-sim";
  const shape = hourly ? asset.hourlySpread : OTHER_SPREAD;
  const reference = instrument.venue === "binance-sim";
  const own = createAutoregression(`${key}:spread`, shape.sdBp * BP, shape.rho);
  const gap = createAutoregression(`${key}:gap`, 2 * BP, 0.7);
  return {
    instrument,
    asset,
    intervalHours: intervalOf(instrument.venue, asset),
    priceAt: (at) => spot(at) * (1 + between(gap, (at - EPOCH) / HOUR_MS)),
    hourRate(hour) {
      const bucket = Math.max(0, Math.ceil(hour / BUCKET_HOURS) - 1);
      const spread = reference ? 0 : shape.meanBp * BP + own(bucket);
      const level = asset.levelBp * BP + common(bucket) + spread;
      return level / BUCKET_HOURS + ripple(key, bucket, hour);
    },
  };
}

/** Hour-to-hour noise that adds up to nothing over a bucket. */
function ripple(key: string, bucket: number, hour: number): number {
  const noise = (at: number) => uniform(`${key}:ripple:${at}`) - 0.5;
  let mean = 0;
  for (let at = 1; at <= BUCKET_HOURS; at += 1) mean += noise(bucket * BUCKET_HOURS + at);
  return 0.05 * BP * (noise(hour) - mean / BUCKET_HOURS);
}

function intervalOf(venue: VenueId, asset: SyntheticAsset): number {
  if (venue === "hyperliquid-sim") return 1;
  return venue === "binance-sim" || venue === "bybit-sim" ? asset.intervalHours[venue] : 8;
}

/** One price path an asset: an hourly random walk, joined up and roughened within the hour. */
function createSpot(seed: number, asset: SyntheticAsset): (at: EpochMs) => number {
  const logs: number[] = [Math.log(asset.startPrice)];
  const hourSd = asset.dailyVolatility / Math.sqrt(24);
  const walk = (hour: number) => {
    for (let next = logs.length; next <= hour; next += 1) {
      logs.push((logs[next - 1] ?? 0) + hourSd * gaussian(`${seed}:${asset.asset}:price:${next}`));
    }
    return logs[Math.max(0, hour)] ?? 0;
  };
  return (at) => {
    const hours = (at - EPOCH) / HOUR_MS;
    const minute = Math.floor(at / MINUTE_MS);
    const rough = 0.5 * BP * gaussian(`${seed}:${asset.asset}:minute:${minute}`);
    return Math.exp(between(walk, hours)) * (1 + rough);
  };
}

function between(series: (index: number) => number, position: number): number {
  const floor = Math.max(0, Math.floor(position));
  const share = Math.max(0, position) - floor;
  return series(floor) * (1 - share) + series(floor + 1) * share;
}

function asRate(value: number): Rate {
  return rate(value.toFixed(10));
}
