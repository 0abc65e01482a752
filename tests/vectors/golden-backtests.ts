import { dirname, join } from "node:path";
import { z } from "zod";
import { accountRates } from "#src/backtest/account-rates.ts";
import type { CarrySeries, LegPair, Recording } from "#src/backtest/carry-series.ts";
import { parsePair } from "#src/backtest/read/parse-pair.ts";
import { readRecording } from "#src/backtest/read/read-recording.ts";
import {
  equalWeight,
  figure,
  fullLength,
  type RunFigures,
  runFigures,
} from "#src/backtest/show/golden-figures.ts";
import { nameRule } from "#src/backtest/show/name-rule.ts";
import type { TradeCosts } from "#src/backtest/trade-costs.ts";
import { dec, parseDecimal, ZERO } from "#src/core/decimal.ts";
import { describeError } from "#src/core/errors.ts";
import { readRecordedText } from "#src/sandbox/parse-replay-file.ts";
import type { VectorResult } from "#tests/vectors/vector-file.ts";

const figures = z.record(z.string(), z.union([z.string(), z.number()]));

export const goldenSchema = z.object({
  input: z.string(),
  goldenBacktests: z.object({
    results: z.record(
      z.string(),
      z.object({
        sideCost: z.string(),
        coins: z.record(z.string(), z.record(z.string(), figures)).default({}),
        equalWeight: z.record(z.string(), figures).default({}),
      }),
    ),
  }),
});

type Golden = z.infer<typeof goldenSchema>;
type Figures = Readonly<Record<string, string | number>>;

/** Every rule of every pair and coin of the file, figure by figure as `bun run backtest` prints them. */
export async function runGoldenBacktests(
  path: string,
  golden: Golden,
): Promise<VectorResult | string> {
  const recording = await load(join(dirname(path), "..", golden.input));
  return typeof recording === "string" ? recording : compare(recording, golden);
}

/** The recording, or in one line what is wrong with it. */
async function load(file: string): Promise<Recording | string> {
  try {
    const source = { file, onProgress: () => undefined };
    return readRecording(await readRecordedText(file), source);
  } catch (error) {
    return describeError(error);
  }
}

function compare(recording: Recording, golden: Golden): VectorResult {
  const failures: string[] = [];
  let passed = 0;
  const check = (name: string, wanted: Figures, actual: Figures | string) => {
    const problem = typeof actual === "string" ? actual : firstDifference(wanted, actual);
    if (problem) failures.push(`${name}: ${problem}`);
    else passed += 1;
  };
  for (const [name, pairs] of Object.entries(golden.goldenBacktests.results)) {
    const pair = parsePair(name);
    const costs = { feeRate: dec(pairs.sideCost), slippageRate: ZERO, borrowPerHour: null };
    for (const [coin, rules] of Object.entries(pairs.coins)) {
      for (const [rule, wanted] of Object.entries(rules)) {
        const run = pair ? runOne(recording, pair, coin, rule, costs) : null;
        check(`${name} ${coin} ${rule}`, wanted, run ? ofCoin(run.figures) : "nothing to run");
      }
    }
    for (const [rule, wanted] of Object.entries(pairs.equalWeight)) {
      check(`${name} ${rule}`, wanted, pair ? ofAll(recording, pair, rule, costs) : "unknown pair");
    }
  }
  return { passed, failures };
}

function runOne(
  recording: Recording,
  pair: LegPair,
  asset: string,
  ruleName: string,
  costs: TradeCosts,
): { readonly series: CarrySeries; readonly figures: RunFigures } | null {
  const series = recording.series({ asset, pair, stepHours: null, withPrices: false });
  const rule = nameRule(ruleName);
  if (!series || !rule) return null;
  const account = accountRates(series, rule.run(series, costs).positions, costs);
  return { series, figures: runFigures(series, account) };
}

function ofCoin(run: RunFigures): Figures {
  return {
    n: run.n,
    netApr: figure(run.netApr, 8),
    fundingApr: figure(run.fundingApr, 8),
    costApr: figure(run.costApr, 8),
    entries: run.entries,
    maxDrawdownOfNotional: figure(run.maxDrawdown, 8),
  };
}

function ofAll(
  recording: Recording,
  pair: LegPair,
  rule: string,
  costs: TradeCosts,
): Figures | string {
  const runs = recording.assets.flatMap((asset) => {
    const run = runOne(recording, pair, asset, rule, costs);
    return run ? [run] : [];
  });
  const mean = equalWeight(fullLength(runs).map((run) => run.figures));
  if (!mean) return "nothing to run";
  return {
    coins: mean.coins,
    netApr: figure(mean.netApr, 6),
    fundingApr: figure(mean.fundingApr, 6),
    costApr: figure(mean.costApr, 6),
    entries: figure(mean.entries, 2),
  };
}

/** Exactly, as decimals: 1.0 is 1, and every figure that is expected must be there. */
function firstDifference(wanted: Figures, actual: Figures): string | null {
  for (const [name, value] of Object.entries(wanted)) {
    const ours = actual[name];
    const same = ours !== undefined && parseDecimal(String(value))?.eq(dec(String(ours)));
    if (!same) return `${name} is ${ours}, expected ${value}`;
  }
  return null;
}
