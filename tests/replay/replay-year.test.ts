import { describe, expect, test } from "bun:test";
import { HOUR_MS } from "#src/core/funding.ts";
import { readYear } from "./read-year.ts";
import { replayYear, YEAR } from "./replay-year.ts";

const text = await readYear(YEAR, {
  ...{ assets: ["INJ"], venues: ["hyperliquid", "binance"] },
  ...{ since: Date.UTC(2025, 10, 15), until: Date.UTC(2025, 11, 8, 12) },
});
if (text === null) process.stderr.write(`replay tests skipped: ${YEAR} is not here\n`);

describe.skipIf(text === null)("real weeks through chat, guard, execution and ledger", () => {
  test("end with the P&L of the backtest of the same rules, every difference explained", async () => {
    const { assets, equityUsd, unbookedUsd, arms } = await replayYear({
      ...{ text: text ?? "", assets: ["INJ"], notionalUsd: "10000", scanHours: 1 },
      ...{ feeRate: "0.00095", slippageRate: "0.00016" },
    });
    const [found] = assets;
    const [theirs] = found?.backtest ?? [];
    const [ours] = found?.product ?? [];
    if (!found || !theirs?.to || !ours?.to) throw new Error("nothing was opened and closed");
    const line = (what: string) =>
      found.lines.find((one) => one.what.includes(what))?.usd.toFixed();
    const saidMeanwhile = found.verdicts
      .filter(({ at }) => at > theirs.from && at < ours.from)
      .map(({ outcome }) => outcome);

    expect([found.backtest.length, found.product.length, arms]).toEqual([1, 1, 1]);
    expect([ours.direction, hourOf(ours.to)]).toEqual([theirs.direction, hourOf(theirs.to)]);
    expect(line("only the product held")).toBe("0");
    // It opens later only where its own book and the gap of this moment cost more than was assumed.
    expect(saidMeanwhile).toContain("NOT_WORTHWHILE_AT_SIZE");
    expect(line("fees: more or fewer trades")).toBe("0");
    expect(found.wrongPayments).toEqual([]);
    expect([found.unexplainedUsd, unbookedUsd].map((one) => one.toFixed())).toEqual(["0", "0"]);
    expect(equityUsd.toFixed()).toBe(found.productUsd.toFixed());
  }, 20_000);
});

const hourOf = (at: number) => Math.floor(at / HOUR_MS);
