import type { Decimal } from "#src/core/decimal.ts";
import type { Asset, VenueId } from "#src/core/instrument.ts";

export interface SeriesLeg {
  readonly venue: VenueId;
  readonly kind: "perp" | "spot";
}

/** At +1 the first leg is short and the second long; at −1 the other way round. */
export interface LegPair {
  readonly first: SeriesLeg;
  readonly second: SeriesLeg;
}

/** Prices in USD of one base unit, one a step. */
export interface StepPrices {
  /** What the step's funding is paid on. */
  readonly reference: readonly Decimal[];
  /** Where each leg trades at the step's end. */
  readonly first: readonly Decimal[];
  readonly second: readonly Decimal[];
}

/** One leg's payments, seen from the end of every step. */
export interface LegStamps {
  /** Rate per own interval, last settled and settling next, in the series' units. */
  readonly settled: Float64Array;
  readonly upcoming: Float64Array;
  /** Interval and time of the payment that comes next. */
  readonly hours: Uint8Array;
  readonly nextAt: Float64Array;
}

/**
 * What a pair paid, step by step. Rates are whole numbers of 10^-places, so every sum of them is exact. A
 * choice made at the end of step i earns step i + 1.
 */
export interface CarrySeries extends LegPair {
  readonly asset: Asset;
  readonly stepHours: number;
  readonly places: number;
  /** End of each step, UTC milliseconds. */
  readonly endAt: Float64Array;
  /** First leg's rate minus the second's, summed over the step. */
  readonly carry: Float64Array;
  /** The spread as it was last settled at the step's end, per 8 h. */
  readonly settled8h: Float64Array;
  /** The spread that settles next, per 8 h: what a venue publishes as upcoming. Null where unknown. */
  readonly upcoming8h: Float64Array | null;
  /** Each leg's own payments as they stand at the step's end; null where they are not recorded. */
  readonly stamps: { readonly first: LegStamps; readonly second: LegStamps } | null;
  readonly prices: StepPrices | null;
  /** Rates that had more decimals than can be summed exactly, and were rounded to `places`. */
  readonly rounded: number;
  /** Steps that are missing between the first and the last. */
  readonly gaps: number;
}

export interface SeriesChoice {
  readonly asset: Asset;
  readonly pair: LegPair;
  /** Null: 8 hours. */
  readonly stepHours: 1 | 8 | null;
  /** Dollars are wanted: a recording with bars always has prices, one of settlements only then. */
  readonly withPrices: boolean;
}

/** A file of recorded market data. */
export interface Recording {
  readonly format: "spread" | "funding" | "spot-perp";
  readonly assets: readonly Asset[];
  readonly venues: readonly VenueId[];
  /** Rows that were left out, and why; null when none was. */
  readonly leftOut: string | null;
  /** Null when the recording has no common stretch of both legs. Throws an OperatorError in one line. */
  series(choice: SeriesChoice): CarrySeries | null;
}

/** How many steps of a regular grid these ends leave out. */
export function countGaps(endAt: Float64Array, stepMs: number): number {
  const span = (endAt.at(-1) ?? 0) - (endAt[0] ?? 0);
  return Math.round(span / stepMs) + 1 - endAt.length;
}

/** Sums of the first i values; the sum of steps a to b − 1 is sums[b] − sums[a]. */
export function runningSums(values: Float64Array): Float64Array {
  const sums = new Float64Array(values.length + 1);
  for (let index = 0; index < values.length; index += 1) {
    sums[index + 1] = (sums[index] ?? 0) + (values[index] ?? 0);
  }
  return sums;
}
