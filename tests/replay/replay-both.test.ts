import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { HOUR_MS } from "#src/core/funding.ts";
import { readRecordedText } from "#src/sandbox/parse-replay-file.ts";
import type { Hold } from "./judge-asset.ts";
import { readYear } from "./read-year.ts";
import { BARS, replayBars } from "./replay-bars.ts";
import type { ReplayResult } from "./replay-both.ts";
import { replayYear, YEAR } from "./replay-year.ts";

const terms = { notionalUsd: "10000", slippageRate: "0.00016" };
const isHere = [YEAR, BARS].every((file) => existsSync(file));
if (!isHere) process.stderr.write(`replay tests skipped: ${YEAR} or ${BARS} is not here\n`);

describe.skipIf(!isHere)("real weeks through chat, guard, execution and ledger", () => {
  test("of two venues' perps end as the backtest of the same rules does, by the same decisions", async () => {
    const text = await readYear(YEAR, {
      ...{ assets: ["INJ"], venues: ["hyperliquid", "binance"] },
      ...{ since: Date.UTC(2025, 10, 15), until: Date.UTC(2025, 11, 8, 12) },
    });
    const result = await replayYear({
      ...{ ...terms, text: text ?? "", assets: ["INJ"], pair: "hl-binance" },
    });

    expectSame(result, HOUR_MS);
    expect(result.unbookedUsd.toFixed()).toBe("0");
  }, 120_000);

  test("of a perp against spot end as the backtest of the same rules does, by the same decisions", async () => {
    const all = await readRecordedText(BARS);
    const from = Date.UTC(2023, 6, 27);
    const rows = all.split("\n").filter((row, index) => {
      const at = Date.parse(row.slice(0, 10));
      return index === 0 || (at >= from && at < Date.UTC(2023, 8, 1) && row.includes(",binance,"));
    });
    const result = await replayBars({
      ...{ ...terms, text: rows.join("\n"), assets: ["ETH"], venue: "binance" },
    });

    expectSame(result, 8 * HOUR_MS);
    // Fees that are taken in coins leave less than a lot of them over.
    expect(result.unbookedUsd.gte("0") && result.unbookedUsd.lt("0.1")).toBe(true);
  }, 120_000);
});

/** The same rules saw the same: every entry and every exit is of the same step, and the lines explain the rest. */
function expectSame(result: ReplayResult, stepMs: number): void {
  const { assets, arms, equityUsd, unbookedUsd, texts } = result;
  const [found] = assets;
  if (!found) throw new Error("nothing was judged");
  const line = (what: string) => found.lines.find((one) => one.what.includes(what))?.usd.toFixed();
  // The backtest decides as a step ends, the product looks before the next one does.
  const stepOf = (at: number) => Math.floor(at / stepMs);
  const decisions = (holds: readonly Hold[]) =>
    holds.map(({ direction, from, to }) => [direction, stepOf(from), to && stepOf(to)]);

  expect([found.product.length, arms]).toEqual([1, 1]);
  expect(decisions(found.product)).toEqual(decisions(found.backtest));
  expect(line("only the product held")).toBe("0");
  expect(line("only the backtest held")).toBe("0");
  expect(line("fees: more or fewer trades")).toBe("0");
  expect(found.wrongPayments).toEqual([]);
  expect(texts.length).toBeGreaterThan(0);
  expect(texts.filter((text) => /Funding (is not|was due)/.test(text))).toEqual([]);
  expect(found.unexplainedUsd.toFixed()).toBe("0");
  expect(equityUsd.minus(unbookedUsd).toFixed()).toBe(found.productUsd.toFixed());
}
