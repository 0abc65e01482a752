import { sharpeOfDays } from "#src/backtest/daily-results.ts";
import { togetherByDay } from "#src/backtest/measure-run.ts";
import type { BacktestRun, RunTerms } from "#src/backtest/run-rule.ts";
import type { Decimal } from "#src/core/decimal.ts";
import { isoTime } from "#src/core/time.ts";
import {
  formatNumber,
  formatPercent,
  formatTable,
  formatUsd,
  UNKNOWN,
} from "#src/reports/format.ts";
import { equalWeight, yearly } from "./golden-figures.ts";
import { meanOnCapital, netAprOnCapital } from "./report-json.ts";
import { verdictOf } from "./verdict.ts";

const EARNED = ["a year", "net", "funding", "costs", "on capital"];
const TRADED = [
  ...["", "entries", "held", "break-even", "drawdown"],
  ...["periods+", "hedges+", "Sharpe*"],
];

/**
 * One row a run under the name that `nameOf` gives it; with `mean`, their equal weight below. Two tables,
 * because one would be wider than a terminal.
 */
export function runsTable(
  runs: readonly BacktestRun[],
  terms: RunTerms,
  nameOf: (run: BacktestRun) => string,
  mean: readonly BacktestRun[],
): string {
  const rows = runs.map((run) => [nameOf(run), ...cells(run, terms)]);
  const last = mean.length > 1 ? [meanRow(mean, terms)] : [];
  return twoTables([...rows, ...last]);
}

/** Equal weights of several rules over the same assets, a row a rule. */
export function rulesTable(
  groups: readonly { readonly rule: string; readonly runs: readonly BacktestRun[] }[],
  terms: RunTerms,
): string {
  const rows = groups.map(({ rule, runs }) => {
    const [, ...rest] = meanRow(runs, terms);
    return [rule, ...rest];
  });
  return twoTables(rows);
}

/** What was earned, and how it came about; what no row has is no column. */
function twoTables(rows: readonly (readonly string[])[]): string {
  const tables = [
    [EARNED, ...rows.map((row) => row.slice(0, EARNED.length))],
    [TRADED, ...rows.map(([name = "", ...row]) => [name, ...row.slice(EARNED.length - 1)])],
  ];
  return tables
    .map(([head = [], ...body]) => {
      const isTold = (index: number) => index === 0 || body.some((row) => Boolean(row[index]));
      return formatTable([head, ...body].map((row) => row.filter((_, index) => isTold(index))));
    })
    .join("\n\n");
}

/** Where the result of one run came from: a year, on notional and on capital, and in USD where there are prices. */
export function splitTable(run: BacktestRun, terms: RunTerms): string {
  const { account, money, series } = run;
  const notional = money?.account.notionalUsd ?? null;
  const paid = {
    ...{ funding: account.funding, basis: null, fees: account.fees.neg() },
    ...{ slippage: account.slippage.neg(), borrow: account.borrow.neg(), net: account.net },
  };
  const usd = money?.account ?? null;
  const names = ["funding", "basis", "fees", "slippage", "borrow", "net"] as const;
  const rows = names.map((name) => {
    // One price for both legs shows no gap between them: that is no gap of 0.
    const isUnknown = name === "basis" && !money?.showsBasis;
    if (isUnknown) return [name, UNKNOWN, UNKNOWN, ...(usd ? [UNKNOWN] : [])];
    const value = usd && notional ? usd[name].div(notional) : paid[name];
    const year = value ? yearly(series)(value) : null;
    const amount = usd ? [formatUsd(usd[name], true)] : [];
    const onCapital = year?.div(terms.capital.overNotional) ?? null;
    return [name, formatPercent(year, 2), formatPercent(onCapital, 2), ...amount];
  });
  const head = ["", "a year of notional", "of capital", ...(usd ? ["in total"] : [])];
  return formatTable([head, ...rows]);
}

/** What the figures are of, and what they are to be held against. */
export function footnotes(
  runs: readonly BacktestRun[],
  terms: RunTerms,
  cashYield: Decimal,
  /** Means over assets tell less. */
  ofSingleRuns: boolean,
): readonly string[] {
  const comparable = runs.every(({ measures }) => measures.sharpe.comparable);
  const fine = runs.find(({ series }) => series.stepHours !== runs[0]?.series.stepHours);
  const inUsd = runs.some(({ money }) => money);
  const rounded = runs.reduce((count, { series }) => count + series.rounded, 0);
  return [
    "Net, funding, costs and drawdown are of one leg's notional, the first three a year.",
    ...(ofSingleRuns
      ? [
          "Held: share of the time. Break-even: until funding as in that time has paid one entry and exit. Periods+, hedges+: those that ended above zero.",
        ]
      : []),
    `Beside it: doing nothing 0.00 %, cash ${formatPercent(cashYield, 2)} a year of capital.`,
    `Capital is ${formatNumber(terms.capital.overNotional)} × one leg's notional, in both accounts together.`,
    comparable
      ? "* of daily equity at the legs' own prices, annualised with Lo's correction."
      : "* of funding and costs alone, with Lo's correction; not comparable with a Sharpe ratio of prices.",
    ...(inUsd && !runs.some(({ money }) => money?.showsBasis)
      ? [
          "The file has one price for both legs, so what their gap earned or cost is not in the net.",
        ]
      : []),
    ...(fine ? [`The steps of ${fine.rule} are of ${fine.series.stepHours} h.`] : []),
    ...(inUsd
      ? [
          "On capital: the dollars of a constant size over its mean notional; beside it: rates on a constant notional.",
        ]
      : []),
    ...(rounded > 0
      ? [`Rates with more decimals than can be summed exactly: ${rounded}, rounded.`]
      : []),
  ];
}

/** One sentence on the best of what was run; holding is a direction that is known only afterwards. */
export function verdictLine(
  results: readonly { readonly name: string; readonly netAprOnCapital: Decimal }[],
  cashYield: Decimal,
): string {
  const [first, ...rest] = results.length > 1 ? results.filter(isRule) : results;
  if (!first) return "";
  const best = rest.reduce(
    (top, next) => (next.netAprOnCapital.gt(top.netAprOnCapital) ? next : top),
    first,
  );
  const figure = `${formatPercent(best.netAprOnCapital, 2)} a year on capital`;
  return `${best.name}: ${figure}, ${verdictOf(best.netAprOnCapital, cashYield)}.`;
}

function isRule({ name }: { readonly name: string }): boolean {
  return name !== "hold";
}

/** "hyperliquid short and binance long at +1, 2025-08-21 to 2026-08-21, steps of 8 h". */
export function headline({ series }: BacktestRun, terms: RunTerms): string {
  const { first, second, endAt, stepHours } = series;
  const name = (leg: typeof first) => (leg.kind === "spot" ? `${leg.venue} spot` : leg.venue);
  const day = (at: number | undefined) => isoTime(at ?? 0).slice(0, 10);
  const fees = `taker fees ${formatPercent(terms.feeFirst, 3)} and ${formatPercent(terms.feeSecond, 3)} a fill`;
  const slippage = terms.slippage.eq("0")
    ? ""
    : `, slippage ${formatPercent(terms.slippage, 3)} a fill`;
  return `${name(first)} short and ${name(second)} long at +1, ${day(endAt[0])} to ${day(endAt.at(-1))}, steps of ${stepHours} h; ${fees}${slippage}`;
}

function cells(run: BacktestRun, terms: RunTerms): readonly string[] {
  const { measures } = run;
  const percent = (value: Decimal | null) => formatPercent(value, 2);
  const days = measures.breakEvenDays;
  return [
    percent(measures.netApr),
    percent(measures.fundingApr),
    percent(measures.costApr.plus(measures.borrowApr)),
    percent(netAprOnCapital(run, terms)),
    `${measures.entries}`,
    formatPercent(measures.timeInPosition, 0),
    days ? `${days.toFixed(1)} d` : "never",
    percent(measures.maxDrawdown),
    formatPercent(measures.winRate.perFundingPeriod, 0),
    formatPercent(measures.winRate.perPosition, 0),
    plainFigure(measures.sharpe.loAdjusted),
  ].map((cell) => cell.replace(/^unknown$/, "none"));
}

function meanRow(runs: readonly BacktestRun[], terms: RunTerms): readonly string[] {
  const mean = equalWeight(runs.map(({ measures }) => measures));
  if (!mean) return ["equal weight"];
  const percent = (value: Decimal) => formatPercent(value, 2);
  const sharpe = sharpeOfDays(togetherByDay(runs.map(({ measures }) => measures)));
  return [
    `equal weight of ${mean.coins}`,
    percent(mean.netApr),
    percent(mean.fundingApr),
    percent(mean.costApr.plus(mean.borrowApr)),
    percent(meanOnCapital(runs, terms)),
    mean.entries.toFixed(2),
    ...["", "", "", "", ""],
    plainFigure(sharpe.loAdjusted),
  ];
}

function plainFigure(value: Decimal | null): string {
  return value?.toFixed(2).replace("-", "−") ?? "none";
}
