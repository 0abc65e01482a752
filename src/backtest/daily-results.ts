import { type Decimal, decFromInteger, ONE, ZERO } from "#src/core/decimal.ts";
import { autocorrelation, loAnnualisation, sharpe } from "#src/core/figures/metrics.ts";
import { DAY_MS } from "#src/core/funding.ts";
import type { CarrySeries } from "./carry-series.ts";
import { fromUnits } from "./trade-costs.ts";

const DAYS_PER_YEAR = 365;

/** Result of every UTC day that the series touches, from the units that each step earned. */
export function dailyUnits(series: CarrySeries, steps: Float64Array): ReadonlyMap<number, Decimal> {
  const days = new Map<number, number>();
  for (let step = 0; step < steps.length; step += 1) {
    const day = dayOf(series, step);
    days.set(day, (days.get(day) ?? 0) + (steps[step] ?? 0));
  }
  return new Map([...days].map(([day, units]) => [day, fromUnits(units, series.places)]));
}

/** The same from an equity after every step. */
export function dailyChanges(
  series: CarrySeries,
  equity: readonly Decimal[],
): ReadonlyMap<number, Decimal> {
  const days = new Map<number, Decimal>();
  equity.forEach((value, step) => {
    const change = value.minus(equity[step - 1] ?? ZERO);
    const day = dayOf(series, step);
    days.set(day, (days.get(day) ?? ZERO).plus(change));
  });
  return days;
}

export interface SharpeFigures {
  /** Mean over deviation × √365; null without variance. */
  readonly naive: Decimal | null;
  /** Annualised with Lo's factor, because days of funding resemble each other. */
  readonly loAdjusted: Decimal | null;
  readonly autocorrelation: Decimal | null;
  readonly days: number;
}

/** Of daily returns as fractions of capital; nothing is taken off for cash. */
export function sharpeOfDays(days: readonly Decimal[]): SharpeFigures {
  const naive = sharpe(days, decFromInteger(DAYS_PER_YEAR), ZERO).sharpe;
  const ar1 = autocorrelation(days);
  const lo = ar1?.lt(ONE) ? loAnnualisation(DAYS_PER_YEAR, ar1) : null;
  const loAdjusted = naive && lo?.factor ? naive.div(lo.naive).times(lo.factor) : null;
  return { naive, loAdjusted, autocorrelation: ar1, days: days.length };
}

/** A step that ends at midnight belongs to the day that ends there. */
function dayOf({ endAt }: CarrySeries, step: number): number {
  return Math.floor(((endAt[step] ?? 0) - 1) / DAY_MS);
}
