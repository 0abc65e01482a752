import { type Decimal, maxOf, minOf, parseDecimal } from "#src/core/decimal.ts";
import { expectedCarry, minEntrySpread } from "#src/core/figures/carry.ts";
import { score } from "#src/core/figures/score.ts";
import type { FadingSpread } from "#src/core/opportunity.ts";
import type { LegPair } from "./pair-legs.ts";

const BUCKET_HOURS = 8;
/** Fewer whole buckets say too little about a spread: a week of them. */
const LEAST_BUCKETS = 21;

/** Floats alone vary by so much: a spread that never moved has no memory. */
const NOISE = 1e-24;

/** Null without a history of both legs. */
export function fadingSpread(
  pair: LegPair,
  spread8h: Decimal,
  { horizonHours, costRate }: { readonly horizonHours: Decimal; readonly costRate: Decimal },
): FadingSpread | null {
  const shape = describeSpread(pair);
  const longRunMean = shape && parseDecimal(shape.mean8h.toFixed(10));
  const rho = shape && parseDecimal(shape.rho.toFixed(4));
  if (!longRunMean || !rho) return null;
  const intervals = Math.max(1, Math.round(Number(horizonHours.toFixed()) / BUCKET_HOURS));
  const fading = { longRunMean, rho, intervals, costRate };
  return {
    expectedCarryRate: expectedCarry(spread8h, fading).grossRate,
    payingSpread8h: minEntrySpread(fading),
  };
}

/** The seeds' score of the pair, by its thinner market; null where a figure is missing. */
export function scoreOf(
  pair: LegPair,
  spread8h: Decimal,
  weights: readonly [Decimal, Decimal, Decimal, Decimal],
): Decimal | null {
  const [a, b] = [pair.short.market, pair.long.market];
  const shape = describeSpread(pair);
  const mean = shape && parseDecimal(shape.mean8h.toFixed(10));
  const sd = shape && parseDecimal(shape.sd8h.toFixed(10));
  if (!a?.volume24hUsd || !b?.volume24hUsd || !a.bidAsk || !b.bidAsk || !mean || !sd) return null;
  const input = {
    ...{ funding8h: spread8h, meanFunding8h: mean, sdFunding8h: sd },
    volume24hUsd: minOf<Decimal>(a.volume24hUsd, b.volume24hUsd),
    bidAskSpread: maxOf<Decimal>(a.bidAsk, b.bidAsk),
  };
  return score(input, weights).score;
}

/** How a pair's spread behaved, in sums of 8 hours. Floats will do: nothing is decided by it. */
interface SpreadShape {
  readonly mean8h: number;
  readonly sd8h: number;
  /** Autocorrelation at one bucket. */
  readonly rho: number;
}

/** Null when the legs' histories have too few hours in common. */
function describeSpread({ short, long }: LegPair): SpreadShape | null {
  const sums = bucketSums(short.market?.hourly, long.market?.hourly);
  if (sums.length < LEAST_BUCKETS) return null;
  const mean8h = sums.reduce((total, one) => total + one, 0) / sums.length;
  const off = sums.map((one) => one - mean8h);
  const square = off.reduce((total, one) => total + one * one, 0);
  const lagged = off.slice(1).reduce((total, one, index) => total + one * (off[index] ?? 0), 0);
  return {
    mean8h,
    sd8h: Math.sqrt(square / (sums.length - 1)),
    rho: square < NOISE * sums.length ? 0 : lagged / square,
  };
}

type Hours = ReadonlyMap<number, number> | undefined;

/** Of the hours that both legs tell, in whole buckets, oldest first. */
function bucketSums(short: Hours, long: Hours): readonly number[] {
  if (!short || !long) return [];
  const buckets = new Map<number, { sum: number; count: number }>();
  for (const [hour, paid] of short) {
    const cost = long.get(hour);
    if (cost === undefined) continue;
    const key = Math.floor((hour - 1) / BUCKET_HOURS);
    const known = buckets.get(key) ?? { sum: 0, count: 0 };
    buckets.set(key, { sum: known.sum + paid - cost, count: known.count + 1 });
  }
  return [...buckets]
    .filter(([, { count }]) => count === BUCKET_HOURS)
    .sort(([a], [b]) => a - b)
    .map(([, { sum }]) => sum);
}
