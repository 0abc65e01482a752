import { type Decimal, decFromInteger, ONE, powInteger, sum } from "#src/core/decimal.ts";
import { fundingPayment, settlementsIn } from "#src/core/funding.ts";
import type { Side } from "#src/core/hedge.ts";
import {
  type BaseSize,
  type EpochMs,
  type Price,
  type Rate,
  rate,
  type Usd,
  usd,
} from "#src/core/units.ts";

/** A spread that falls back to its structural mean: an AR(1) around `longRunMean`, all per interval. */
export interface RevertingSpread {
  readonly longRunMean: Decimal;
  /** Autocorrelation at one interval; 1 is a spread that never falls back. */
  readonly rho: Decimal;
  /** Whole intervals held, >= 1. */
  readonly intervals: number;
  /** Round trip as a fraction of one leg's notional. */
  readonly costRate: Decimal;
}

/** What a spread of `spread0` is expected to pay: E[Σ] = μ n + (s0 − μ)(1 − ρⁿ)/(1 − ρ) (domain 2.5). */
export function expectedCarry(
  spread0: Decimal,
  spread: RevertingSpread,
): { readonly grossRate: Rate; readonly netRate: Rate } {
  const { longRunMean, intervals, costRate } = spread;
  const structural = longRunMean.times(decFromInteger(intervals));
  const gross = structural.plus(spread0.minus(longRunMean).times(weightOfNow(spread)));
  return { grossRate: rate(gross), netRate: rate(gross.minus(costRate)) };
}

/** The spread now at which `expectedCarry` just pays the cost; negative: the mean alone pays it. */
export function minEntrySpread(spread: RevertingSpread): Rate {
  const { longRunMean, intervals, costRate } = spread;
  const missing = costRate.minus(longRunMean.times(decFromInteger(intervals)));
  return rate(longRunMean.plus(missing.div(weightOfNow(spread))));
}

/** How many intervals' worth a deviation of now is before it has faded: (1 − ρⁿ)/(1 − ρ), n at ρ = 1. */
function weightOfNow({ rho, intervals }: RevertingSpread): Decimal {
  if (intervals < 1) throw new RangeError(`a carry needs at least one interval: ${intervals}`);
  if (rho.eq(ONE)) return decFromInteger(intervals);
  return ONE.minus(powInteger(rho, intervals)).div(ONE.minus(rho));
}

/**
 * Our own estimate of a settlement inside its interval, where a venue publishes only the premium of the
 * moment: what has been seen so far weighs as much as has passed (domain 2.5). `elapsed` in [0, 1]. No venue here
 * needs it, since each averages its own estimate over the interval so far; the vectors ask for it.
 */
export function predictedBlend(realisedSoFar: Decimal, estimate: Decimal, elapsed: Decimal): Rate {
  return rate(realisedSoFar.times(elapsed).plus(estimate.times(ONE.minus(elapsed))));
}

/** A leg's rate per its own interval. */
export interface LegRate {
  readonly rate: Decimal;
  readonly intervalHours: Decimal;
  /** The venue pays by the second: elapsed time counts, not stamps. */
  readonly continuous?: boolean;
}

/**
 * What the pair pays over (from, to] as a fraction of one leg's notional, market time: each leg's rate
 * as often as that leg settles there (domain 2.2). Positive is received.
 */
export function windowCarry(
  from: EpochMs,
  to: EpochMs,
  { short, long }: { readonly short: LegRate; readonly long: LegRate },
): Rate {
  const paid = (leg: LegRate) => leg.rate.times(settlementsOf(leg, from, to));
  return rate(paid(short).minus(paid(long)));
}

function settlementsOf(leg: LegRate, from: EpochMs, to: EpochMs): Decimal {
  if (!leg.continuous) return decFromInteger(settlementsIn(from, to, leg.intervalHours));
  return decFromInteger(Math.max(0, to - from)).div(leg.intervalHours.times("3600000"));
}

/** A held leg between two settlements. */
export interface AccruingLeg {
  readonly side: Side;
  readonly sizeBase: BaseSize;
  readonly refPrice: Price;
  readonly rate: Decimal;
  readonly intervalHours: Decimal;
  /** Since its last settlement. */
  readonly elapsedHours: Decimal;
}

/**
 * What both legs have earned since their last settlements, pro rata: for display and decisions only.
 * `settled` is what of it is cash: whole intervals, because venues pay at stamps and nothing between
 * (domain 2.10).
 */
export function accruedEstimate(legs: readonly AccruingLeg[]): {
  readonly accrued: Usd;
  readonly settled: Usd;
} {
  const paid = (leg: AccruingLeg, intervals: Decimal) =>
    fundingPayment(leg.side, leg.sizeBase, leg.refPrice, leg.rate).times(intervals);
  const since = (leg: AccruingLeg) => leg.elapsedHours.div(leg.intervalHours);
  return {
    accrued: usd(sum(legs.map((leg) => paid(leg, since(leg))))),
    settled: usd(sum(legs.map((leg) => paid(leg, since(leg).round(0, 0))))),
  };
}
