import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OperatorError } from "#src/core/errors.ts";
import { BACKTEST_HELP, readBacktestOptions } from "#src/main/backtest/backtest-options.ts";
import { runBacktest } from "#src/main/backtest/run-backtest.ts";

const OKAY = ["--data", "x.csv", "--pair", "hl-binance"];

/** A month of 8-hour sums that pay 3 bp a step to who is short on Hyperliquid. */
function month(): string {
  const rows = Array.from({ length: 90 }, (_, step) => {
    const end = new Date(Date.UTC(2026, 0, 1, 8 + 8 * step)).toISOString().replace(".000", "");
    return ["BTC", "ETH"].map((coin) => `${coin},${end},0.0004,0.0001`).join("\n");
  });
  return ["coin,bucket_end_utc,hl_8h,binance_8h", ...rows].join("\n");
}

async function backtest(...args: readonly string[]) {
  const child = Bun.spawn(["bun", "src/main.ts", "backtest", ...args], {
    stdout: "pipe",
  });
  const out = await new Response(child.stdout).text();
  return { out, code: await child.exited };
}

describe("the flags of a backtest", () => {
  test.each([
    [[], "--data FILE is missing"],
    [["--data", "x"], "name what to run: --pair hl-binance, or --spot binance"],
    [["--data"], "--help lists the flags"],
    [[...OKAY, "--bogus"], "Unknown option '--bogus'"],
    [[...OKAY, "more"], "Unexpected argument 'more'"],
    [["--data", "x", "--pair", "hl-hyperliquid"], "two different venues"],
    [["--data", "x", "--pair", "hl"], "two different venues"],
    [[...OKAY, "--spot", "okx"], "exclude each other"],
    [[...OKAY, "--rule", "gated1"], 'there is no rule "gated1"'],
    [[...OKAY, "--asset", "BTC,,ETH"], "--asset has an empty name"],
    [[...OKAY, "--slippage", "1"], "--slippage must be a number from 0 to 0.05"],
    [[...OKAY, "--capital", "0"], "--capital must be a number from 0.1"],
    [[...OKAY, "--fee", "binance"], "--fee must look like binance=0.0005"],
    [[...OKAY, "--quantity", "1", "--notional", "5"], "exclude each other"],
    [[...OKAY, "--notional", "-5"], '--notional must be a number from 1 to 1000000000, not "-5"'],
    [[...OKAY, "--hours", "4"], "--hours must be 1 or 8"],
    [[...OKAY, "--sees", "all"], "--sees must be settled or upcoming"],
    [[...OKAY, "--chart", "x.gif"], "--chart must end with .svg or .png"],
  ])("%p is refused in one line", (args, words) => {
    expect(() => readBacktestOptions(args)).toThrow(OperatorError);
    expect(() => readBacktestOptions(args)).toThrow(words);
    try {
      readBacktestOptions(args);
    } catch (error) {
      expect(String(error)).not.toContain("\n");
    }
  });

  test("take several rules, assets and fees by any of their names", () => {
    const options = readBacktestOptions([
      ...["--data", "x", "--pair", "hl_minus_binance", "--rule", "hold,trail60_7"],
      ...["--asset", "BTC,ETH", "--fee", "hl=0.0003", "--fee", "okx-spot=0.0008"],
    ]);
    expect(options?.pair.first).toEqual({ venue: "hyperliquid", kind: "perp" });
    expect(options?.rules).toEqual(["hold", "trail60_7"]);
    expect([...(options?.fees.keys() ?? [])]).toEqual(["hyperliquid", "okx-spot"]);
  });

  test("every flag that is read is in the help", () => {
    expect(readBacktestOptions(["--help"])).toBeNull();
    const flags = ["data", "pair", "spot", "rule", "asset", "json", "trace", "chart", "slippage"];
    const more = ["fee", "borrow", "capital", "quantity", "notional", "hours", "sees", "config"];
    for (const flag of [...flags, ...more]) expect(BACKTEST_HELP).toContain(`--${flag}`);
  });
});

test("the command prints one JSON object, a picture, tables, and mistakes as one line", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hedgerow-backtest-"));
  const [data, chart] = [join(folder, "month.csv"), join(folder, "month.svg")];
  await Bun.write(data, month());
  const args = ["--data", data, "--pair", "hl-binance"];
  const [json, table] = await Promise.all([
    backtest(...args, "--rule", "gated", "--asset", "btc", "--json", "--trace", "--chart", chart),
    backtest(...args, "--rule", "all"),
  ]);
  expect(JSON.parse(json.out)).toMatchObject({
    ...{ n: 90, netApr: "0.15208333", fundingApr: "0.1752", costApr: "0.02311667", entries: 1 },
    ...{ maxDrawdownOfNotional: "0.00095", rule: "gated42_63_1.5_42", usd: null },
    onCapital: { capitalOverNotional: "2" },
    benchmark: { doNothingApr: "0", cashYieldApr: "0.04", verdict: "it pays more than cash" },
    decisions: [
      { from: 0, to: 1 },
      { from: 1, to: 0 },
    ],
  });
  expect(await Bun.file(chart).text()).toStartWith("<svg");
  for (const rule of ["hold", "naive", "seed2", "trail90_21", "gated42_63_1.5_42", "rules"]) {
    expect(table.out).toContain(`\n${rule} `);
  }
  expect(table.out).toMatch(/a year +net +funding +costs on capital\n/);
  expect(table.out).toMatch(/\n +entries +Sharpe\*\n/);
  expect(table.out).not.toMatch(/ -\d/);
  expect(table.out).toContain("cash 4.00 %");
  // Holding earned most, but nobody knew the direction beforehand.
  expect(table.out.trimEnd().split("\n").at(-1)).toMatch(/^(naive|seed2): /);
  for (const line of table.out.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  const wrong = runBacktest([...args, "--asset", "DOGE"]);
  const line = `${data}: there is no asset DOGE; recorded are BTC, ETH`;
  await expect(wrong).rejects.toEqual(new OperatorError(line));
  const unpriced = runBacktest([...args, "--notional", "1000"]);
  await expect(unpriced).rejects.toThrow("has no prices, so --quantity and --notional");
  const nowhere = runBacktest(["--data", `${folder}/none.csv`, "--pair", "hl-binance"]);
  await expect(nowhere).rejects.toThrow("there is no such file");
  rmSync(folder, { recursive: true });
});

test("every line of one asset's tables fits a terminal, and says what its columns are", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hedgerow-backtest-"));
  const data = join(folder, "month.csv");
  await Bun.write(data, month());
  const { out } = await backtest(
    ...["--data", data, "--pair", "hl-binance", "--asset", "BTC"],
    ...["--rule", "hold,seed2_0.00011_-0.0001,gated42_63_1.5_42"],
  );
  for (const line of out.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  expect(out).toMatch(/\n +entries +held +break-even +drawdown +periods\+ +hedges\+ +Sharpe\*\n/);
  expect(out).toContain("Held: share of the time.");
  rmSync(folder, { recursive: true });
});

test("one price for both legs leaves the basis unknown, not 0", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hedgerow-backtest-"));
  const data = join(folder, "year.csv");
  const rows = Array.from({ length: 90 }, (_, step) => {
    const ts = Date.UTC(2026, 0, 1, 8 * step);
    return `${ts},hyperliquid,BTC,USDC,0.0004,8,50000\n${ts},binance,BTC,USDT,0.0001,8,`;
  });
  await Bun.write(data, ["ts,venue,base,quote,rate,ih,mark", ...rows].join("\n"));
  const { out } = await backtest(
    ...["--data", data, "--pair", "hl-binance", "--asset", "BTC", "--rule", "hold"],
    ...["--notional", "1000", "--hours", "8"],
  );
  expect(out).toMatch(/\nbasis +unknown +unknown +unknown\n/);
  expect(out).toContain("one price for both legs");
  rmSync(folder, { recursive: true });
});

test("a picture without a place is refused before any work, and no folder is made for it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hedgerow-backtest-"));
  const missing = join(folder, "none");
  const run = (chart: string) =>
    runBacktest(["--data", "not-read.csv", "--pair", "hl-binance", "--chart", chart]);
  const line = `--chart ${missing}/a.svg: there is no folder ${missing}; create it first`;
  await expect(run(`${missing}/a.svg`)).rejects.toEqual(new OperatorError(line));
  expect(existsSync(missing)).toBe(false);

  const taken = join(folder, "taken.png");
  mkdirSync(taken);
  await expect(run(taken)).rejects.toThrow("that is a folder");
  rmSync(folder, { recursive: true });
});
