import { dailyChanges, dailyUnits } from "#src/backtest/daily-results.ts";
import { togetherByDay } from "#src/backtest/measure-run.ts";
import type { BacktestRun, RunTerms } from "#src/backtest/run-rule.ts";
import { type Decimal, decFromInteger, ZERO } from "#src/core/decimal.ts";
import { DAY_MS } from "#src/core/funding.ts";
import type { ChartData, ChartMark, ChartPanel, ChartSeries } from "#src/reports/chart-data.ts";

const WEEK = 7;
/** With more of them the line could not be seen. */
const MOST_MARKS = 60;
const TONES = ["main", "second", "third", "soft", "bad", "fourth"] as const;

interface DayLine {
  readonly days: readonly number[];
  readonly equity: readonly Decimal[];
  readonly funding: readonly Decimal[];
}

/** Equity and funding of one rule over one asset, or the equal weight of several. */
export function chartRule(
  rule: string,
  runs: readonly BacktestRun[],
  terms: RunTerms,
  { note, cashYield }: { readonly note: string; readonly cashYield: Decimal },
): ChartData {
  const line = linesOf(runs, terms);
  const cash = line.days.map(() => cashYield.div("365"));
  const [only, ...more] = runs;
  const single = only && more.length === 0 ? only : null;
  const name = single ? single.series.asset : `equal weight of ${runs.length}`;
  return {
    title: `${rule}, ${name}`,
    note,
    panels: [
      {
        ...{ title: "Result, % of capital", weight: 3 },
        series: [
          lineOf("after all costs", "main", line.days, runningPercent(line.equity)),
          lineOf("funding alone", "second", line.days, runningPercent(line.funding)),
          { ...lineOf("cash", "soft", line.days, runningPercent(cash)), shape: "dashed" },
        ],
      },
      weeklyPanel(line),
    ],
    marks: single ? marksOf(single) : [],
  };
}

/** The results of several rules over the same assets. */
export function chartRules(
  groups: readonly { readonly rule: string; readonly runs: readonly BacktestRun[] }[],
  terms: RunTerms,
  note: string,
): ChartData {
  const series = groups.map(({ rule, runs }, index) => {
    const { days, equity } = linesOf(runs, terms);
    const shown = lineOf(rule, TONES[index % TONES.length] ?? "soft", days, runningPercent(equity));
    return index < TONES.length ? shown : { ...shown, shape: "dashed" as const };
  });
  const panels = [{ title: "Result after all costs, % of capital", weight: 1, series }];
  return { title: "Rules compared", note, panels, marks: [] };
}

/** Daily figures on capital, averaged over the assets. */
function linesOf(runs: readonly BacktestRun[], terms: RunTerms): DayLine {
  const funding = runs.map((run) => ({ days: fundingDays(run, terms) }));
  const equity = runs.map(({ measures }) => measures);
  const days = [...new Set(equity.flatMap((one) => [...one.days.keys()]))].sort((a, b) => a - b);
  return { days, equity: togetherByDay(equity), funding: togetherByDay(funding) };
}

function fundingDays({ series, money, account }: BacktestRun, terms: RunTerms) {
  const capitalUsd = money?.account.notionalUsd?.times(terms.capital.overNotional);
  const [days, by] =
    money && capitalUsd
      ? [
          dailyChanges(
            series,
            money.points.map((point) => point.funding),
          ),
          capitalUsd,
        ]
      : [dailyUnits(series, account.fundingSteps), terms.capital.overNotional];
  return new Map([...days].map(([day, value]) => [day, value.div(by)]));
}

function weeklyPanel({ days, funding }: DayLine): ChartPanel {
  const weeks = new Map<number, Decimal>();
  for (const [index, day] of days.entries()) {
    const week = Math.floor(day / WEEK) * WEEK;
    weeks.set(week, (weeks.get(week) ?? ZERO).plus(funding[index] ?? ZERO));
  }
  const values = [...weeks.values()].map((value) => value.times("100"));
  const bars = lineOf("funding", "main", [...weeks.keys()], values);
  return { title: "Funding a week, % of capital", weight: 1, series: [{ ...bars, shape: "bars" }] };
}

function lineOf(
  name: string,
  tone: ChartSeries["tone"],
  days: readonly number[],
  values: readonly Decimal[],
): ChartSeries {
  const points = days.map((day, index) => ({
    at: day * DAY_MS,
    value: (values[index] ?? ZERO).toFixed(6),
  }));
  return { name, shape: "line", tone, points };
}

function runningPercent(days: readonly Decimal[]): readonly Decimal[] {
  const hundred = decFromInteger(100);
  let total = ZERO;
  return days.map((day) => {
    total = total.plus(day.times(hundred));
    return total;
  });
}

function marksOf({ series, account }: BacktestRun): readonly ChartMark[] {
  if (account.positions.length * 2 > MOST_MARKS) return [];
  const at = (step: number) => series.endAt[step] ?? 0;
  return account.positions.flatMap(({ opened, closed }) => [
    { at: at(opened), kind: "open" as const, label: series.asset },
    { at: at(closed), kind: "close" as const, label: series.asset },
  ]);
}
