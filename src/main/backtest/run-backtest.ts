import { statSync } from "node:fs";
import { dirname } from "node:path";
import { loadSettings } from "#config/load.ts";
import type { Settings } from "#config/schema.ts";
import type { CarrySeries, Recording } from "#src/backtest/carry-series.ts";
import { readRecording } from "#src/backtest/read/read-recording.ts";
import { takerFee } from "#src/backtest/read/venue-names.ts";
import { ruleSetRule } from "#src/backtest/rule-set.ts";
import { type BacktestRun, type RunTerms, runRule } from "#src/backtest/run-rule.ts";
import { fullLength } from "#src/backtest/show/golden-figures.ts";
import { nameRule } from "#src/backtest/show/name-rule.ts";
import type { Rule } from "#src/backtest/walk-series.ts";
import { type Decimal, dec } from "#src/core/decimal.ts";
import { OperatorError } from "#src/core/errors.ts";
import { ruleSetOf } from "#src/main/rule-set-of-settings.ts";
import { readRecordedText } from "#src/sandbox/parse-replay-file.ts";
import {
  BACKTEST_HELP,
  type BacktestOptions,
  feeName,
  readBacktestOptions,
} from "./backtest-options.ts";
import { createProgressBar } from "./progress-bar.ts";
import { showBacktest } from "./show-backtest.ts";

/** One rule over every asset that was asked for. */
export interface RuleResults {
  readonly rule: string;
  readonly runs: readonly BacktestRun[];
  /** Those that are recorded as long as the longest: what an equal weight is of. */
  readonly full: readonly BacktestRun[];
}

/** `bun run backtest`: reads a recording, runs rules over it and shows what they would have earned. */
export async function runBacktest(args: readonly string[]): Promise<void> {
  const options = readBacktestOptions(args);
  if (options === null) {
    process.stdout.write(BACKTEST_HELP);
    return;
  }
  if (options.chart) refuseUnwritable(options.chart);
  const { settings } = loadSettings("operator", options.config);
  const bar = createProgressBar();
  try {
    const text = await readRecordedText(options.data);
    const onProgress = (share: number) => bar.show("reading", share);
    const recording = readRecording(text, { file: options.data, onProgress });
    const terms = termsOf(options, recording, settings);
    const results = runAll(options, recording, terms, settings, (share) =>
      bar.show("running", share),
    );
    bar.clear();
    await showBacktest({
      options,
      recording,
      terms,
      results,
      cashYield: settings.report.cashYield,
    });
  } finally {
    bar.clear();
  }
}

/** Before any work: a picture that has nowhere to go would be noticed after minutes of it. */
function refuseUnwritable(chart: string): void {
  const folder = dirname(chart);
  const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory();
  if (!isFolder(folder)) {
    throw new OperatorError(`--chart ${chart}: there is no folder ${folder}; create it first`);
  }
  if (isFolder(chart)) throw new OperatorError(`--chart ${chart}: that is a folder, not a file`);
}

function runAll(
  options: BacktestOptions,
  recording: Recording,
  terms: RunTerms,
  settings: Settings,
  onProgress: (share: number) => void,
): readonly RuleResults[] {
  const total = options.rules.length;
  const made = new Map<1 | 8 | null, readonly CarrySeries[]>();
  return options.rules.map((name, index) => {
    const own = name === "rules";
    const fine = own && recording.format === "funding" ? 1 : null;
    const stepHours = options.stepHours ?? fine;
    const series = made.get(stepHours) ?? seriesOf(options, recording, stepHours);
    made.set(stepHours, series);
    const runs = series.map((one, place) => {
      onProgress((index + place / series.length) / total);
      return runRule(one, ruleNamed(name, options, settings), terms);
    });
    return { rule: runs[0]?.rule ?? name, runs, full: fullLength(runs) };
  });
}

function ruleNamed(name: string, options: BacktestOptions, settings: Settings): Rule {
  const rule = name === "rules" ? ruleSetRule(ruleSetOf(settings, options)) : nameRule(name);
  if (rule) return rule;
  throw new OperatorError(`there is no rule "${name}"`);
}

/** Every asset that both legs have; one that was named and is not there is a mistake. */
function seriesOf(
  { assets, pair, data, size }: BacktestOptions,
  recording: Recording,
  stepHours: 1 | 8 | null,
): readonly CarrySeries[] {
  const known = recording.assets.join(", ");
  const series = (assets ?? recording.assets).flatMap((name) => {
    const asset = recording.assets.find((one) => one.toLowerCase() === name.toLowerCase());
    if (asset === undefined) {
      throw new OperatorError(`${data}: there is no asset ${name}; recorded are ${known}`);
    }
    const one = recording.series({ asset, pair, stepHours, withPrices: size !== null });
    if (!one && assets) throw new OperatorError(`${data}: ${asset} is not recorded on both legs`);
    return one ? [one] : [];
  });
  if (series.length > 0) return series;
  throw new OperatorError(`${data}: no asset is recorded on both legs`);
}

function termsOf(options: BacktestOptions, recording: Recording, settings: Settings): RunTerms {
  const { first, second } = options.pair;
  for (const { venue } of [first, second]) {
    if (recording.venues.includes(venue)) continue;
    const known = recording.venues.join(", ");
    throw new OperatorError(`${options.data}: nothing of ${venue} is recorded; there are ${known}`);
  }
  if (second.kind === "spot" && recording.format !== "spot-perp") {
    throw new OperatorError(`${options.data}: has no spot prices, so --spot has nothing to run on`);
  }
  if (options.size && recording.format === "spread") {
    throw new OperatorError(
      `${options.data}: has no prices, so --quantity and --notional have nothing to measure`,
    );
  }
  const spotSize = recording.format === "spot-perp" ? { base: dec("1") } : null;
  return {
    feeFirst: feeOf(options, "first"),
    feeSecond: feeOf(options, "second"),
    slippage: options.slippage,
    borrowPerHour: options.borrowPerHour,
    capital: { overNotional: options.capital, leverage: settings.limits.leverage },
    size: options.size ?? spotSize,
  };
}

function feeOf({ fees, pair }: BacktestOptions, which: "first" | "second"): Decimal {
  const leg = pair[which];
  const standard = takerFee(leg);
  const fee = fees.get(feeName(leg)) ?? (standard === null ? null : dec(standard));
  if (fee) return fee;
  throw new OperatorError(`the fee of ${feeName(leg)} is not known: --fee ${feeName(leg)}=0.0005`);
}
