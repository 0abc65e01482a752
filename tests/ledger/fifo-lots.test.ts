import { expect, test } from "bun:test";
import type { Fill } from "#src/core/order.ts";
import { baseSize, price, usd } from "#src/core/units.ts";
import { fifoLots } from "#src/ledger/fifo-lots.ts";

function fillOf(tradeId: string, side: Fill["side"], size: string, at: string): Fill {
  return {
    ...{ venue: "alpha", symbol: "BTC-SPOT", tradeId, clientOrderId: "c", side },
    ...{ sizeBase: baseSize(size), price: price(at), feeUsd: usd("0"), liquidity: "taker" },
    ...{ cause: "order", filledAt: Number(tradeId) },
  };
}

function realised(...fills: readonly Fill[]) {
  return [...fifoLots(fills)].map(([id, result]) => [id, result.toFixed()]);
}

test("what is sold first is what was bought first", () => {
  const bought = [fillOf("1", "buy", "1", "100"), fillOf("2", "buy", "2", "110")];
  expect(realised(...bought, fillOf("3", "sell", "1.5", "120"))).toEqual([["3", "25"]]);
  expect(
    realised(...bought, fillOf("3", "sell", "1.5", "120"), fillOf("4", "sell", "1.5", "100")),
  ).toEqual([
    ["3", "25"],
    ["4", "-15"],
  ]);
});

test("a short of borrowed coins earns when it is bought back for less; what is beyond it opens anew", () => {
  expect(
    realised(
      fillOf("1", "sell", "2", "100"),
      fillOf("2", "buy", "3", "90"),
      fillOf("3", "sell", "1", "95"),
    ),
  ).toEqual([
    ["2", "20"],
    ["3", "5"],
  ]);
});
