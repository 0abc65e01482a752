import { type Decimal, decFromInteger, sum, ZERO } from "#src/core/decimal.ts";
import {
  autocorrelation,
  loAnnualisation,
  sharpe,
  utilisation,
  winRates,
} from "#src/core/figures/metrics.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import type { Usd } from "#src/core/units.ts";
import type { EquityDay } from "./equity-days.ts";
import type { EquityHistory } from "./equity-history.ts";
import type { PerformanceFigures } from "./performance-view.ts";

const DAYS_A_YEAR = 365;
/** A ratio of fewer days says more about chance than about the hedges. */
const DAYS_NEEDED = 30;
const PLACES = 8;

export interface ReportTargets {
  /** A year. */
  readonly cashYield: Decimal;
  readonly targetSharpe: Decimal;
  readonly targetWinRate: Decimal;
  readonly targetUtilisation: Decimal;
}

/** How well it went (domain 2.12): ratios, each null where there is too little to say it. */
export function performanceFigures(input: {
  readonly fall: EquityHistory["fall"];
  readonly days: readonly EquityDay[];
  readonly fundingPeriods: readonly Decimal[];
  /** Of hedges that are closed. */
  readonly closed: readonly { readonly resultUsd: Usd; readonly heldMs: number }[];
  readonly equityUsd: Usd | null;
  /** What is held now; null when a mark is missing. */
  readonly legs: readonly { readonly notionalUsd: Decimal; readonly marginUsd: Decimal }[] | null;
  readonly targets: ReportTargets;
}): PerformanceFigures {
  const { fall, fundingPeriods, closed, equityUsd, legs, targets } = input;
  const whole = input.days.filter((day) => day.isWhole && day.startUsd.gt(ZERO));
  const returns = whole.map((day) => day.gainUsd.div(day.startUsd));
  const wins = winRates(
    fundingPeriods,
    closed.map((one) => one.resultUsd),
  );
  const used = equityUsd && legs ? utilisation(equityUsd, legs) : null;
  return {
    ...{ days: whole.length, daysNeeded: DAYS_NEEDED },
    sharpe: whole.length < DAYS_NEEDED ? null : text(loSharpe(returns, targets.cashYield)),
    maxDrawdown: text(fall?.mdd ?? null),
    timeWeightedReturn: text(fall?.twr ?? null),
    winRatePeriods: text(wins.perFundingPeriod),
    fundingPeriods: fundingPeriods.length,
    winRatePositions: text(wins.perPosition),
    closedPositions: closed.length,
    averageHoldingHours: text(meanHours(closed.map((one) => one.heldMs))),
    hedgesOverEquity: text(used?.hedgeNotionalOverEquity ?? null),
    grossOverEquity: text(used?.grossOverEquity ?? null),
    marginOverEquity: text(used?.marginOverEquity ?? null),
    cashYield: targets.cashYield.toFixed(),
    targetSharpe: targets.targetSharpe.toFixed(),
    targetWinRate: targets.targetWinRate.toFixed(),
    targetUtilisation: targets.targetUtilisation.toFixed(),
  };
}

/** A day's gain resembles that of the day before: the square root of time would flatter it. */
function loSharpe(returns: readonly Decimal[], cashYield: Decimal): Decimal | null {
  const naive = sharpe(returns, decFromInteger(DAYS_A_YEAR), cashYield).sharpe;
  const ar1 = autocorrelation(returns);
  if (!naive || !ar1) return null;
  const lo = loAnnualisation(DAYS_A_YEAR, ar1);
  return lo.factor && naive.div(lo.naive).times(lo.factor);
}

function meanHours(heldMs: readonly number[]): Decimal | null {
  if (heldMs.length === 0) return null;
  const all = sum(heldMs.map((one) => decFromInteger(one)));
  return all.div(decFromInteger(heldMs.length)).div(decFromInteger(HOUR_MS));
}

function text(value: Decimal | null): string | null {
  return value?.round(PLACES).toFixed() ?? null;
}
