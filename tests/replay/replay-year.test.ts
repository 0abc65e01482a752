import { describe, expect, test } from "bun:test";
import { HOUR_MS } from "#src/core/funding.ts";
import type { Hold } from "./judge-asset.ts";
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
      ...{ text: text ?? "", assets: ["INJ"], notionalUsd: "10000" },
      ...{ slippageRate: "0.00016", pair: "hl-binance" },
    });
    const [found] = assets;
    if (!found) throw new Error("nothing was judged");
    const line = (what: string) =>
      found.lines.find((one) => one.what.includes(what))?.usd.toFixed();
    const decisions = (holds: readonly Hold[]) =>
      holds.map(({ direction, from, to }) => [direction, stepOf(from), to && stepOf(to)]);

    expect([decisions(found.product).length > 0, arms]).toEqual([true, 1]);
    // The same rules saw the same: every entry and every exit is of the same hour.
    expect(decisions(found.product)).toEqual(decisions(found.backtest));
    expect(line("only the product held")).toBe("0");
    expect(line("only the backtest held")).toBe("0");
    expect(line("fees: more or fewer trades")).toBe("0");
    expect(found.wrongPayments).toEqual([]);
    expect([found.unexplainedUsd, unbookedUsd].map((one) => one.toFixed())).toEqual(["0", "0"]);
    expect(equityUsd.toFixed()).toBe(found.productUsd.toFixed());
  }, 20_000);
});

/** The backtest decides as a step ends, the product looks in the hour after it. */
const stepOf = (at: number) => Math.floor(at / HOUR_MS);
