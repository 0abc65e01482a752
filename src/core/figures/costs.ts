import { type Decimal, sum, ZERO } from "#src/core/decimal.ts";
import { type Rate, rate, type Usd, usd } from "#src/core/units.ts";

/** Fee rates of the four fills of a hedge's life. */
export interface FourFillRates {
  readonly shortIn: Decimal;
  readonly longIn: Decimal;
  readonly shortOut: Decimal;
  readonly longOut: Decimal;
}

/** All four fills as a fraction of one leg's notional, prices taken as equal (domain 2.3). */
export function roundTripFeeRate(fees: FourFillRates): Rate {
  return rate(sum([fees.shortIn, fees.longIn, fees.shortOut, fees.longOut]));
}

/** All four fees in USD: each fill is charged on its own notional. Prices in USD per base unit. */
export function roundTripFeeUsd(
  sizeBase: Decimal,
  prices: FourFillRates,
  fees: FourFillRates,
): Usd {
  const perUnit = sum([
    prices.shortIn.times(fees.shortIn),
    prices.longIn.times(fees.longIn),
    prices.shortOut.times(fees.shortOut),
    prices.longOut.times(fees.longOut),
  ]);
  return usd(sizeBase.times(perUnit));
}

export interface BreakEven {
  readonly intervals: Decimal;
  /** Payments come whole: the first count that covers the cost. */
  readonly wholeIntervals: Decimal;
  readonly hours: Decimal;
  readonly days: Decimal;
}

/** How long an unchanged spread needs to pay `costRate`; null when it never does (domain 2.4). */
export function breakEven(
  costRate: Decimal,
  spread: Decimal,
  spreadHours: Decimal,
  intervalHours: Decimal,
): BreakEven | null {
  if (spread.lte(ZERO)) return null;
  const hours = costRate.times(spreadHours).div(spread);
  const intervals = hours.div(intervalHours);
  const floored = intervals.round(0, 0);
  return {
    intervals,
    wholeIntervals: floored.eq(intervals) ? floored : floored.plus("1"),
    hours,
    days: hours.div("24"),
  };
}
