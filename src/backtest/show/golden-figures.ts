import type { RateAccount } from "#src/backtest/account-rates.ts";
import type { CarrySeries } from "#src/backtest/carry-series.ts";
import { type Decimal, decFromInteger, sum } from "#src/core/decimal.ts";

/** The figures that two backtests are compared by: fractions of one leg's notional, a year. */
export interface RunFigures {
  /** Steps of the series, those without a position too. */
  readonly n: number;
  readonly netApr: Decimal;
  readonly fundingApr: Decimal;
  /** Fees and slippage. */
  readonly costApr: Decimal;
  readonly borrowApr: Decimal;
  readonly entries: number;
  readonly maxDrawdown: Decimal;
}

export function runFigures(series: CarrySeries, account: RateAccount): RunFigures {
  const perYear = yearly(series);
  return {
    n: series.carry.length,
    netApr: perYear(account.net),
    fundingApr: perYear(account.funding),
    costApr: perYear(account.fees.plus(account.slippage)),
    borrowApr: perYear(account.borrow),
    entries: account.entries,
    maxDrawdown: account.maxDrawdown,
  };
}

/** Simple annualising over the recorded steps: 8760 hours. */
export function yearly({ carry, stepHours }: CarrySeries): (value: Decimal) => Decimal {
  const hours = decFromInteger(carry.length * stepHours);
  return (value) => value.times("8760").div(hours);
}

/** The same money in every asset. Null without any. */
export function equalWeight(runs: readonly RunFigures[]): {
  readonly coins: number;
  readonly netApr: Decimal;
  readonly fundingApr: Decimal;
  readonly costApr: Decimal;
  readonly borrowApr: Decimal;
  readonly entries: Decimal;
} | null {
  if (runs.length === 0) return null;
  const mean = (pick: (run: RunFigures) => Decimal) =>
    sum(runs.map(pick)).div(decFromInteger(runs.length));
  return {
    coins: runs.length,
    netApr: mean(({ netApr }) => netApr),
    fundingApr: mean(({ fundingApr }) => fundingApr),
    costApr: mean(({ costApr }) => costApr),
    borrowApr: mean(({ borrowApr }) => borrowApr),
    entries: mean(({ entries }) => decFromInteger(entries)),
  };
}

/** Which assets are comparable: those recorded (almost) as long as the longest. */
export function fullLength<Item extends { readonly series: CarrySeries }>(
  items: readonly Item[],
): readonly Item[] {
  const hours = ({ series: { carry, stepHours } }: Item) => carry.length * stepHours;
  const longest = items.reduce((most, item) => Math.max(most, hours(item)), 0);
  return items.filter((item) => hours(item) * 20 >= longest * 19);
}

/** Decimal text as golden files write it: rounded, no zeros at the end, no minus before nothing. */
export function figure(value: Decimal, places: number): string {
  const rounded = value.round(places);
  return rounded.eq("0") ? "0" : rounded.toFixed();
}
