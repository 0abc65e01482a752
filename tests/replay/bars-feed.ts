import type { CarrySeries } from "#src/backtest/carry-series.ts";
import { fromUnits } from "#src/backtest/trade-costs.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import type { Instrument } from "#src/core/instrument.ts";
import { type EpochMs, rate } from "#src/core/units.ts";
import type { FeedSettlement } from "#src/ports/market-feed.ts";
import {
  type AssetShape,
  makeBook,
  makeInstrument,
  makeSpotInstrument,
  onTick,
  tradedOf,
  VENUE_SHAPES,
} from "#src/sandbox/market-shape.ts";
import type { ReplayFeed } from "./replay-rig.ts";

/** History that the entry rules need before the first decision. */
const WARM_UP_MS = 15 * 24 * HOUR_MS;
const MINUTE_MS = 60_000;
const SHAPE = { startPrice: 0, dailyVolatility: 0, depthUsd: 2_000_000, halfSpread: 0.4e-4 };

interface Listing {
  readonly instrument: Instrument;
  readonly shape: AssetShape;
  readonly series: CarrySeries;
  readonly prices: readonly number[];
}

/**
 * One venue's spot and perps by the bars of a recording: funding as it settled, prices on a straight line from
 * close to close, and nobody who lends coins.
 */
export function createBarsFeed(venue: string, recorded: readonly CarrySeries[]): ReplayFeed {
  const listings = new Map<string, Listing>();
  for (const series of recorded) {
    for (const one of listBoth(venue, series)) listings.set(one.instrument.symbol, one);
  }
  const find = (symbol: string) => {
    const found = listings.get(symbol);
    if (!found) throw new Error(`no ${symbol}`);
    return found;
  };
  const ends = recorded.flatMap(({ endAt }) => [endAt[0] ?? 0, endAt.at(-1) ?? 0]);
  const all = [...listings.values()];
  return {
    startAt: Math.min(...ends) + WARM_UP_MS - 40 * MINUTE_MS,
    endAt: Math.max(...ends),
    venues: [venue],
    instruments: () => all.map(({ instrument }) => instrument),
    mark: (_, symbol, at) => onTick(find(symbol).shape, priceAt(find(symbol), at)),
    pricedSince: (_, symbol) => find(symbol).series.endAt[0] ?? 0,
    book(_, symbol, at) {
      const one = find(symbol);
      const key = `${symbol}:${Math.floor(at / MINUTE_MS)}`;
      return makeBook(one.instrument, one.shape, priceAt(one, at), key);
    },
    traded: (_, symbol) => tradedOf(find(symbol).shape),
    upcomingRate(_, symbol, at) {
      const { series } = find(symbol);
      const next = series.endAt.findIndex((end) => end > at);
      const step = next === -1 ? series.endAt.length - 1 : next;
      const { rate: upcoming, fundingAt } = settlementAt(find(symbol), step);
      return { rate: upcoming, fundingAt, intervalHours: "8" };
    },
    settlements: (_, from, to, symbol) =>
      (symbol ? [find(symbol)] : all)
        .filter(({ instrument }) => instrument.kind === "perp")
        .flatMap((one) => settlementsOf(one, from, to))
        .sort((a, b) => a.fundingAt - b.fundingAt),
  };
}

function listBoth(venue: string, series: CarrySeries): readonly Listing[] {
  const { asset, prices } = series;
  const place = VENUE_SHAPES.find((one) => one.id === venue);
  const lots =
    asset === "BTC" ? { lot: "0.0001", priceDecimals: 1 } : { lot: "0.001", priceDecimals: 2 };
  const shape: AssetShape = { ...SHAPE, ...lots, asset, contractSize: lots.lot };
  const spot = place && makeSpotInstrument(place, shape);
  if (!place || !spot || !prices) throw new Error(`${venue} has no spot of ${asset}`);
  const listed = { shape, series };
  return [
    { ...listed, instrument: makeInstrument(place, shape), prices: prices.first.map(toNumber) },
    { ...listed, instrument: spot, prices: prices.second.map(toNumber) },
  ];
}

const toNumber = (value: { toFixed(): string }) => Number(value.toFixed());

function settlementsOf(one: Listing, from: EpochMs, to: EpochMs): readonly FeedSettlement[] {
  const { endAt } = one.series;
  const found: FeedSettlement[] = [];
  for (let step = firstAfter(endAt, from); step < endAt.length; step += 1) {
    if ((endAt[step] ?? 0) > to) break;
    found.push(settlementAt(one, step));
  }
  return found;
}

function settlementAt(one: Listing, step: number): FeedSettlement {
  const { series, instrument, shape } = one;
  const fundingAt = series.endAt[step] ?? 0;
  return {
    ...{ symbol: instrument.symbol, fundingAt, intervalHours: "8" },
    rate: rate(fromUnits(series.carry[step] ?? 0, series.places)),
    refPrice: onTick(shape, priceAt(one, fundingAt)),
  };
}

function priceAt({ series: { endAt }, prices }: Listing, at: EpochMs): number {
  const index = Math.max(1, Math.min(firstAfter(endAt, at), endAt.length - 1));
  const [left, right] = [endAt[index - 1] ?? 0, endAt[index] ?? 1];
  const share = Math.max(0, Math.min(1, (at - left) / (right - left)));
  return (prices[index - 1] ?? 0) * (1 - share) + (prices[index] ?? 0) * share;
}

/** Index of the first time strictly after `at`. */
function firstAfter(times: Float64Array, at: EpochMs): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) > at) high = middle;
    else low = middle + 1;
  }
  return low;
}
