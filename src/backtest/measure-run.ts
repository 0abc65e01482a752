import { type Decimal, decFromInteger, ONE, sum, ZERO } from "#src/core/decimal.ts";
import { breakEven } from "#src/core/figures/costs.ts";
import { maxDrawdown, utilisation, winRates } from "#src/core/figures/metrics.ts";
import type { MoneyAccount } from "./account-money.ts";
import type { PositionResult, RateAccount } from "./account-rates.ts";
import type { CarrySeries } from "./carry-series.ts";
import { dailyChanges, dailyUnits, type SharpeFigures, sharpeOfDays } from "./daily-results.ts";
import type { MoneyPoint } from "./money-equity.ts";
import { type RunFigures, runFigures } from "./show/golden-figures.ts";
import { fromUnits, roundTripRate, type TradeCosts } from "./trade-costs.ts";

export interface CapitalTerms {
  /** Equity of both legs' accounts together, over one leg's notional. */
  readonly overNotional: Decimal;
  readonly leverage: Decimal;
}

/** A run with prices: its account in USD and its worth after every step. */
export interface MoneyRun {
  readonly account: MoneyAccount;
  readonly points: readonly MoneyPoint[];
  /** The legs' own prices, so that the basis is real. */
  readonly showsBasis: boolean;
}

export interface RunMeasures extends RunFigures {
  /** Share of the steps with a position. */
  readonly timeInPosition: Decimal;
  readonly averageHoldDays: Decimal | null;
  /** Days of this run's own funding that pay one round trip; null when they never do. */
  readonly breakEvenDays: Decimal | null;
  readonly winRate: {
    readonly perFundingPeriod: Decimal | null;
    readonly perPosition: Decimal | null;
  };
  readonly sharpe: SharpeFigures & { readonly comparable: boolean };
  readonly utilisation: {
    readonly hedgeNotionalOverEquity: Decimal | null;
    readonly grossOverEquity: Decimal | null;
    readonly marginOverEquity: Decimal | null;
  };
  /** Daily results as fractions of the capital. */
  readonly days: ReadonlyMap<number, Decimal>;
  /** Deepest fall of capital plus result from its peak. */
  readonly maxDrawdownOfCapital: Decimal;
}

/** Everything a report says about one run over one series. */
export function measureRun(
  series: CarrySeries,
  account: RateAccount,
  costs: TradeCosts,
  capital: CapitalTerms,
  money: MoneyRun | null,
): RunMeasures {
  const steps = decFromInteger(series.carry.length);
  const timeInPosition = decFromInteger(account.stepsHeld).div(steps);
  const capitalUsd = money?.account.notionalUsd?.times(capital.overNotional) ?? null;
  const days =
    money && capitalUsd
      ? scaled(
          dailyChanges(
            series,
            money.points.map((point) => point.equity),
          ),
          capitalUsd,
        )
      : scaled(dailyUnits(series, account.netSteps), capital.overNotional);
  return {
    ...runFigures(series, account),
    timeInPosition,
    averageHoldDays: averageHold(series, account.positions),
    breakEvenDays: breakEvenDays(series, account, costs),
    winRate: winRates(periodResults(series, account), positionResults(account, money)),
    sharpe: { ...sharpeOfDays([...days.values()]), comparable: money?.showsBasis ?? false },
    utilisation: meanUtilisation(timeInPosition, capital),
    days,
    maxDrawdownOfCapital: fallOf([...days.values()]),
  };
}

function scaled(days: ReadonlyMap<number, Decimal>, by: Decimal): ReadonlyMap<number, Decimal> {
  return new Map([...days].map(([day, value]) => [day, value.div(by)]));
}

export function fallOf(days: readonly Decimal[]): Decimal {
  const equity = [ONE];
  for (const day of days) equity.push((equity.at(-1) ?? ONE).plus(day));
  return maxDrawdown(equity);
}

function averageHold({ stepHours }: CarrySeries, positions: readonly PositionResult[]) {
  if (positions.length === 0) return null;
  const held = positions.reduce((steps, { opened, closed }) => steps + closed - opened, 0);
  return decFromInteger(held * stepHours).div(decFromInteger(positions.length * 24));
}

function breakEvenDays(series: CarrySeries, account: RateAccount, costs: TradeCosts) {
  if (account.stepsHeld === 0) return null;
  const perStep = account.funding.minus(account.borrow).div(decFromInteger(account.stepsHeld));
  const hours = decFromInteger(series.stepHours);
  return breakEven(roundTripRate(costs), perStep, hours, hours)?.days ?? null;
}

/**
 * What every step with a position received in which a leg settled; what opening and closing cost belongs to
 * positions.
 */
function periodResults(series: CarrySeries, { fundingSteps, held }: RateAccount) {
  const results: Decimal[] = [];
  fundingSteps.forEach((units, step) => {
    if (step === 0 || held[step - 1] === 0 || !settlesIn(series, step)) return;
    results.push(fromUnits(units, series.places));
  });
  return results;
}

/** Steps may be shorter than intervals; where payments are not recorded one by one, every step has some. */
function settlesIn({ stamps, endAt }: CarrySeries, step: number): boolean {
  if (!stamps) return true;
  const end = endAt[step] ?? 0;
  return [stamps.first, stamps.second].some(({ nextAt }) => (nextAt[step - 1] ?? 0) <= end);
}

function positionResults(account: RateAccount, money: MoneyRun | null): readonly Decimal[] {
  return (money?.account.positions ?? account.positions).map(({ net }) => net);
}

/** Averaged over time: what is not held uses nothing. */
function meanUtilisation(timeInPosition: Decimal, { overNotional, leverage }: CapitalTerms) {
  const leg = { notionalUsd: timeInPosition, marginUsd: timeInPosition.div(leverage) };
  return utilisation(overNotional, [leg, leg]);
}

/** Daily results of several runs as if each had the same capital. */
export function togetherByDay(
  runs: readonly { readonly days: ReadonlyMap<number, Decimal> }[],
): readonly Decimal[] {
  const count = decFromInteger(runs.length);
  const all = new Set(runs.flatMap(({ days }) => [...days.keys()]));
  return [...all]
    .sort((a, b) => a - b)
    .map((day) => sum(runs.map(({ days }) => days.get(day) ?? ZERO)).div(count));
}
