import type { Recording } from "#src/backtest/carry-series.ts";
import type { RunTerms } from "#src/backtest/run-rule.ts";
import { chartRule, chartRules } from "#src/backtest/show/chart-runs.ts";
import { assetReport, equalWeightReport, meanOnCapital } from "#src/backtest/show/report-json.ts";
import {
  footnotes,
  headline,
  rulesTable,
  runsTable,
  splitTable,
  verdictLine,
} from "#src/backtest/show/report-table.ts";
import { wrapLine } from "#src/backtest/show/wrap-line.ts";
import { drawChart } from "#src/charts/draw-chart.ts";
import type { Decimal } from "#src/core/decimal.ts";
import { describeError, OperatorError } from "#src/core/errors.ts";
import { opportunityReasonSentence } from "#src/core/words/plain-words.ts";
import { formatTable } from "#src/reports/format.ts";
import type { BacktestOptions } from "./backtest-options.ts";
import type { RuleResults } from "./run-backtest.ts";

const PICTURE = { width: 900, height: 560, theme: "light" } as const;

export interface BacktestShow {
  readonly options: BacktestOptions;
  readonly recording: Recording;
  readonly terms: RunTerms;
  readonly results: readonly RuleResults[];
  readonly cashYield: Decimal;
}

/** Results as tables for people, or as one JSON object. */
export async function showBacktest(show: BacktestShow): Promise<void> {
  await drawPicture(show);
  const text = show.options.json ? `${JSON.stringify(jsonOf(show), null, 1)}\n` : tablesOf(show);
  try {
    process.stdout.write(text);
  } catch (error) {
    // Whoever reads closed its end early, like `head`: it has what it wanted.
    if (!/EPIPE/.test(describeError(error))) throw error;
  }
}

async function drawPicture({ options, terms, results, cashYield }: BacktestShow): Promise<void> {
  const [only, ...more] = results;
  const [run] = only?.runs ?? [];
  if (!options.chart || !only || !run) return;
  const note = `${headline(run, terms)}.`;
  const groups = results.map(({ rule, runs, full }) => ({
    rule,
    runs: full.length > 1 ? full : runs,
  }));
  const data =
    more.length > 0
      ? chartRules(groups, terms, note)
      : chartRule(only.rule, groups[0]?.runs ?? [], terms, { note, cashYield });
  const drawn = /\.png$/i.test(options.chart)
    ? await drawChart(data, { ...PICTURE, format: "png" })
    : await drawChart(data, { ...PICTURE, format: "svg" });
  try {
    await Bun.write(options.chart, drawn);
  } catch (error) {
    throw new OperatorError(`${options.chart}: cannot be written (${describeError(error)})`, {
      cause: error,
    });
  }
}

function jsonOf(show: BacktestShow) {
  const { options, recording, terms, results } = show;
  const about = {
    data: options.data,
    format: recording.format,
    leftOut: recording.leftOut,
    pair: { first: options.pair.first, second: options.pair.second },
    terms: {
      feeFirst: terms.feeFirst.toFixed(),
      feeSecond: terms.feeSecond.toFixed(),
      sideCost: terms.feeFirst.plus(terms.feeSecond).plus(terms.slippage.times("2")).toFixed(),
      slippage: terms.slippage.toFixed(),
      borrowPerHour: terms.borrowPerHour?.toFixed() ?? null,
    },
  };
  const [only, ...more] = results;
  if (only && more.length === 0) return { ...jsonOfRule(show, only), ...about };
  return { ...about, rules: results.map((one) => jsonOfRule(show, one)) };
}

function jsonOfRule(
  { options, terms, cashYield }: BacktestShow,
  { rule, runs, full }: RuleResults,
) {
  const assets = runs.map((run) => assetReport(run, terms, cashYield, options.trace));
  const [only] = assets;
  if (options.assets?.length === 1 && only) return only;
  const left = runs.filter((run) => !full.includes(run)).map((run) => run.series.asset);
  return { rule, ...equalWeightReport(full, terms, cashYield), notInMean: left, assets };
}

function tablesOf(show: BacktestShow): string {
  const { options, terms, results, cashYield, recording } = show;
  const [firstRun] = results[0]?.runs ?? [];
  if (!firstRun) return "";
  const runs = results.flatMap((one) => one.runs);
  const { leftOut } = recording;
  const isOfMeans = results.length > 1 && options.assets?.length !== 1;
  const below = [
    ...footnotes(runs, terms, cashYield, !isOfMeans),
    ...(leftOut ? [`Left out: ${leftOut}.`] : []),
    ...leftOfMean(results[0], options),
    verdictLine(
      results.map(({ rule, full }) => ({
        name: rule,
        netAprOnCapital: meanOnCapital(full, terms),
      })),
      cashYield,
    ),
  ];
  const [head, ...notes] = [headline(firstRun, terms), ...below].map(wrapLine);
  return `${head}\n\n${bodyOf(show)}\n\n${notes.join("\n")}\n`;
}

function bodyOf({ options, terms, results }: BacktestShow): string {
  const [only, ...more] = results;
  const [run, ...others] = only?.runs ?? [];
  if (more.length > 0) {
    const single = results.flatMap(({ runs }) => runs);
    return options.assets?.length === 1
      ? runsTable(single, terms, ({ rule }) => rule, [])
      : rulesTable(
          results.map(({ rule, full }) => ({ rule, runs: full })),
          terms,
        );
  }
  if (!only || !run) return "";
  const table = runsTable(only.runs, terms, ({ series }) => series.asset, only.full);
  const refused = run.decided.refused;
  if (others.length > 0) return `${only.rule}\n${table}`;
  const whyNot = refused?.size
    ? `\n\nSteps that opened nothing:\n${formatTable(whyNotRows(refused))}`
    : "";
  return `${only.rule}\n${table}\n\n${splitTable(run, terms)}${whyNot}`;
}

function whyNotRows(refused: ReadonlyMap<string, number>): readonly (readonly string[])[] {
  return [...refused]
    .sort(([, a], [, b]) => b - a)
    .map(([why, steps]) => [opportunityReasonSentence(why), `${steps}`]);
}

function leftOfMean(results: RuleResults | undefined, options: BacktestOptions): readonly string[] {
  if (!results || options.assets?.length === 1) return [];
  const left = results.runs.filter((run) => !results.full.includes(run));
  const names = left.map(({ series }) => series.asset).join(", ");
  return names ? [`Recorded too short for the equal weight: ${names}.`] : [];
}
