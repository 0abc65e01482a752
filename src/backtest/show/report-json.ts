import type { CarrySeries } from "#src/backtest/carry-series.ts";
import { sharpeOfDays } from "#src/backtest/daily-results.ts";
import { fallOf, type RunMeasures, togetherByDay } from "#src/backtest/measure-run.ts";
import type { BacktestRun, RunTerms } from "#src/backtest/run-rule.ts";
import { type Decimal, decFromInteger, sum, ZERO } from "#src/core/decimal.ts";
import { isoTime } from "#src/core/time.ts";
import type { EpochMs } from "#src/core/units.ts";
import { equalWeight, figure, yearly } from "./golden-figures.ts";
import { verdictOf } from "./verdict.ts";

const PLACES = 8;

/** What is said of one asset; the figures that golden files name stand at the top. */
export function assetReport(run: BacktestRun, terms: RunTerms, cashYield: Decimal, trace: boolean) {
  const { measures, series, account, decided } = run;
  const onCapital = (value: Decimal) => text(value.div(terms.capital.overNotional));
  return {
    asset: series.asset,
    rule: run.rule,
    from: timeAt(series, 0),
    to: timeAt(series, series.endAt.length - 1),
    stepHours: series.stepHours,
    n: measures.n,
    netApr: text(measures.netApr),
    fundingApr: text(measures.fundingApr),
    costApr: text(measures.costApr),
    entries: measures.entries,
    maxDrawdownOfNotional: text(measures.maxDrawdown),
    borrowApr: text(measures.borrowApr),
    pnlOfNotional: {
      ...{ funding: text(account.funding), basis: null, fees: text(account.fees.neg()) },
      ...{ slippage: text(account.slippage.neg()), borrow: text(account.borrow.neg()) },
      net: text(account.net),
    },
    onCapital: {
      capitalOverNotional: terms.capital.overNotional.toFixed(),
      netApr: onCapital(measures.netApr),
      fundingApr: onCapital(measures.fundingApr),
      costApr: onCapital(measures.costApr),
      borrowApr: onCapital(measures.borrowApr),
      maxDrawdown: text(measures.maxDrawdownOfCapital),
    },
    ...quality(measures),
    benchmark: benchmark(netAprOnCapital(run, terms), cashYield),
    usd: moneyReport(run, terms),
    positions: positionsOf(run),
    roundedRates: series.rounded,
    missingSteps: series.gaps,
    ...(decided.refused ? { notOpened: Object.fromEntries(decided.refused) } : {}),
    ...(trace ? { decisions: decisionsOf(run) } : {}),
  };
}

/** The same money in every asset; the golden names again, with the golden file's places. */
export function equalWeightReport(
  runs: readonly BacktestRun[],
  terms: RunTerms,
  cashYield: Decimal,
) {
  const mean = equalWeight(runs.map(({ measures }) => measures));
  if (!mean) return null;
  const { overNotional } = terms.capital;
  const days = togetherByDay(runs.map(({ measures }) => measures));
  const sharpe = sharpeOfDays(days);
  return {
    coins: mean.coins,
    netApr: figure(mean.netApr, 6),
    fundingApr: figure(mean.fundingApr, 6),
    costApr: figure(mean.costApr, 6),
    entries: Number(figure(mean.entries, 2)),
    borrowApr: figure(mean.borrowApr, 6),
    onCapital: {
      capitalOverNotional: overNotional.toFixed(),
      netApr: figure(mean.netApr.div(overNotional), 6),
      maxDrawdown: figure(fallOf(days), 6),
    },
    sharpe: {
      ...{ naive: orNull(sharpe.naive), loAdjusted: orNull(sharpe.loAdjusted), days: sharpe.days },
      comparable: runs.every(({ measures }) => measures.sharpe.comparable),
    },
    benchmark: benchmark(meanOnCapital(runs, terms), cashYield),
  };
}

/** With prices the dollars decide, basis and all; without them the rates. */
export function netAprOnCapital(
  { series, money, measures }: BacktestRun,
  terms: RunTerms,
): Decimal {
  const notional = money?.account.notionalUsd;
  const net = money && notional ? yearly(series)(money.account.net.div(notional)) : measures.netApr;
  return net.div(terms.capital.overNotional);
}

/** The same capital in every asset; 0 without any. */
export function meanOnCapital(runs: readonly BacktestRun[], terms: RunTerms): Decimal {
  if (runs.length === 0) return ZERO;
  return sum(runs.map((run) => netAprOnCapital(run, terms))).div(decFromInteger(runs.length));
}

function quality({ winRate, sharpe, utilisation, ...measures }: RunMeasures) {
  return {
    timeInPosition: text(measures.timeInPosition),
    averageHoldDays: orNull(measures.averageHoldDays, 2),
    breakEvenDays: orNull(measures.breakEvenDays, 2),
    winRate: {
      perFundingPeriod: orNull(winRate.perFundingPeriod),
      perPosition: orNull(winRate.perPosition),
    },
    sharpe: {
      naive: orNull(sharpe.naive, 4),
      loAdjusted: orNull(sharpe.loAdjusted, 4),
      autocorrelation: orNull(sharpe.autocorrelation, 4),
      days: sharpe.days,
      comparable: sharpe.comparable,
    },
    utilisation: {
      hedgeNotionalOverEquity: orNull(utilisation.hedgeNotionalOverEquity),
      grossOverEquity: orNull(utilisation.grossOverEquity),
      marginOverEquity: orNull(utilisation.marginOverEquity),
    },
  };
}

function benchmark(onCapital: Decimal, cashYield: Decimal) {
  return {
    doNothingApr: "0",
    cashYieldApr: cashYield.toFixed(),
    netAprOnCapital: text(onCapital),
    verdict: verdictOf(onCapital, cashYield),
  };
}

/** USD exactly as counted; every APR again on the mean notional. */
function moneyReport({ money, series }: BacktestRun, terms: RunTerms) {
  if (!money) return null;
  const { account } = money;
  const { notionalUsd } = account;
  const perYear = yearly(series);
  const apr = (value: Decimal) => (notionalUsd ? text(perYear(value.div(notionalUsd))) : null);
  const parts = { funding: account.funding, basis: account.basis, fees: account.fees };
  const rest = { slippage: account.slippage, borrow: account.borrow, net: account.net };
  const all = Object.entries({ ...parts, ...rest });
  return {
    ...Object.fromEntries(all.map(([name, value]) => [name, value.toFixed()])),
    sumRates: account.sumRates.toFixed(),
    notionalUsd: notionalUsd?.toFixed(2) ?? null,
    capitalUsd: notionalUsd?.times(terms.capital.overNotional).toFixed(2) ?? null,
    aprOnNotional: Object.fromEntries(all.map(([name, value]) => [name, apr(value)])),
    basisKnown: money.showsBasis,
  };
}

function positionsOf({ series, account, money }: BacktestRun) {
  return account.positions.map(({ direction, opened, closed, funding, costs, net }, index) => {
    const usd = money?.account.positions[index];
    return {
      short: direction === 1 ? series.first : series.second,
      openedAt: timeAt(series, opened),
      closedAt: timeAt(series, closed),
      ...{ funding: text(funding), costs: text(costs), net: text(net) },
      ...(usd ? { sizeBase: usd.sizeBase.toFixed(), netUsd: usd.net.toFixed() } : {}),
    };
  });
}

function decisionsOf({ decided }: BacktestRun) {
  return decided.decisions.map(({ at, from, to, why, figures }) => ({
    ...{ at: isoTime(at), from, to, why },
    figures: Object.fromEntries(
      Object.entries(figures()).map(([name, value]) => [name, figure(value, 12)]),
    ),
  }));
}

function timeAt({ endAt }: CarrySeries, step: number): string {
  const at: EpochMs = endAt[step] ?? 0;
  return isoTime(at);
}

function text(value: Decimal): string {
  return figure(value, PLACES);
}

function orNull(value: Decimal | null, places = PLACES): string | null {
  return value === null ? null : figure(value, places);
}
