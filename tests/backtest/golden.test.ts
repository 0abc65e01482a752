import { beforeAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { accountMoney } from "#src/backtest/account-money.ts";
import type { Recording } from "#src/backtest/carry-series.ts";
import { parsePair, spotPair } from "#src/backtest/read/parse-pair.ts";
import { readRecording } from "#src/backtest/read/read-recording.ts";
import { takerFee } from "#src/backtest/read/venue-names.ts";
import { nameRule } from "#src/backtest/show/name-rule.ts";
import { dec } from "#src/core/decimal.ts";
import { readRecordedText } from "#src/sandbox/parse-replay-file.ts";
import { runVectorFile } from "#tests/vectors/vector-file.ts";
import { costs } from "./make-series.ts";

const VECTORS = "../shared/vectors/backtests.json";
const SUMS = "../shared/data/spread-8h-2025-08_2026-08.csv";
const YEAR = "../shared/data/funding-2025-08_2026-08.csv.gz";
const BARS = "../shared/data/spot-perp-8h-2023-01_2024-07.csv.gz";
const recorded = [VECTORS, SUMS, YEAR, BARS].every((path) => existsSync(path));
if (!recorded) process.stdout.write("golden backtests are skipped: ../shared is not there\n");

async function load(file: string): Promise<Recording> {
  return readRecording(await readRecordedText(file), { file, onProgress: () => undefined });
}

describe.skipIf(!recorded)("the recorded years", () => {
  let [sums, year, bars]: Recording[] = [];
  beforeAll(async () => {
    [sums, year, bars] = await Promise.all([load(SUMS), load(YEAR), load(BARS)]);
  });

  test("give every golden figure of every rule", async () => {
    expect(await runVectorFile(VECTORS)).toEqual({ passed: 20, failures: [] });
  });

  test("agree: single settlements make the recorded sums of 8 hours, to the last digit", () => {
    for (const asset of ["BTC", "INJ", "TIA"]) {
      const pair = parsePair("hl-bybit");
      if (!pair) throw new Error("a pair");
      const wanted = { asset, pair, stepHours: null, withPrices: false };
      const [ours, theirs] = [year?.series(wanted), sums?.series(wanted)];
      const byEnd = new Map([...(ours?.endAt ?? [])].map((at, step) => [at, ours?.carry[step]]));
      const found = [...(theirs?.endAt ?? [])].map((at) => byEnd.get(at));
      expect(found).toEqual([...(theirs?.carry ?? [0])]);
    }
  });

  test.each([
    ["binance", "BTC", "7319.50", "5.75", "-119.70", "7205.55", "15.762"],
    ["bybit", "BTC", "7288.13", "58.29", "-123.94", "7222.47", "16.142"],
    ["okx", "BTC", "6473.28", "-5.20", "-119.96", "6348.12", "13.196"],
    ["binance", "ETH", "429.44", "1.34", "-7.03", "423.75", "16.519"],
  ] as const)("hold one coin of %s %s in spot against its perp, to the cent", (...row) => {
    const [venue, asset, ...figures] = row.filter((cell) => typeof cell === "string");
    if (!venue || !asset) throw new Error("a market");
    const pair = spotPair(venue);
    const series = bars?.series({ asset, pair, stepHours: null, withPrices: true });
    const held = series && nameRule("hold")?.run(series, costs("0.0015"));
    if (!series?.prices || !held) throw new Error("a priced series");
    const money = accountMoney(series, series.prices, held.positions, {
      feeFirst: dec(takerFee(pair.first) ?? "0"),
      feeSecond: dec(takerFee(pair.second) ?? "0"),
      ...{ slippage: dec("0"), borrowPerHour: null, size: { base: dec("1") } },
    });
    const { funding, basis, fees, net, sumRates } = money;
    expect([
      ...[funding, basis, fees, net].map((value) => value.toFixed(2)),
      sumRates.times("100").toFixed(3),
    ]).toEqual(figures);
    expect(funding.plus(basis).plus(fees).eq(net)).toBe(true);
  });
});
