import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { HOUR_MS } from "#src/core/funding.ts";
import { mustList, scriptedHyperliquid } from "#tests/support/venues/hyperliquid-scripted.ts";

const RECORDED = join(import.meta.dir, "../../../../shared/data/recorded/hyperliquid/info_test");
const recorded = test.skipIf(!existsSync(RECORDED));
if (!existsSync(RECORDED)) process.stdout.write(`skipped: no recorded answers at ${RECORDED}\n`);

const NONE = new Map();
/** A text in single quotes, broken over lines as its writer liked. */
const [ASKED, SAID] = [/ body: '((?:[^']|'')*)'/g, / string: '((?:[^']|'')*)'/g];

/** The real venue's answers, by the type that was asked. */
function answersOf(name: string, change: (row: object, index: number) => object = (row) => row) {
  const cassette = readFileSync(join(RECORDED, `${name}.yaml`), "utf8");
  const answers: Record<string, () => unknown> = {};
  const said = textsOf(cassette, SAID);
  for (const [index, asked] of textsOf(cassette, ASKED).entries()) {
    const { type } = z.object({ type: z.string() }).parse(JSON.parse(asked));
    const answer: unknown = JSON.parse(said[index] ?? "null");
    answers[type] = () => (Array.isArray(answer) ? answer.map(change) : answer);
  }
  return answers;
}

function textsOf(cassette: string, pattern: RegExp): readonly string[] {
  return [...cassette.matchAll(pattern)].map(([, quoted = ""]) =>
    quoted.replace(/\n\s+/g, " ").replaceAll("''", "'"),
  );
}

/** What real markets of that time say of themselves; the mark is of no matter here. */
function listedFrom(name: string, szDecimals: number) {
  return { name, szDecimals, maxLeverage: 50, markPx: "2.11" };
}

recorded("reads a real account with fifteen positions", async () => {
  // In 2023 the venue did not sum up maintenance yet.
  const answers = answersOf("test_get_user_state");
  const state = { crossMaintenanceMarginUsed: "0.0" };
  const clearinghouseState = () => ({ ...state, ...Object(answers["clearinghouseState"]?.()) });
  const { driver } = await scriptedHyperliquid({ clearinghouseState });
  const positions = await driver.positions(NONE);
  const btc = positions.find((one) => one.symbol === "BTC");
  expect(btc?.sizeBase.toFixed()).toBe("-0.00785");
  expect(btc?.entryPrice?.toFixed()).toBe("26951");
  expect(btc?.markPrice.toFixed()).toBe("26961.2");
  expect(positions.length).toBeGreaterThan(10);
  expect(positions.some((one) => one.liquidationPrice === null)).toBe(true);
  expect((await driver.account()).equityUsd.gt("0")).toBe(true);
});

recorded.each(["test_get_user_fills_by_time", "test_get_user_fills"])(
  "reads the real fills of %s",
  async (name) => {
    // Recorded before fills had ids of their own, or carried their order's.
    const answers = answersOf(name, (row, index) => ({ tid: index, cloid: null, ...row }));
    const rows = (answers["userFillsByTime"] ?? answers["userFills"])?.();
    // All of it in one page: how pages follow each other has tests of its own.
    const some = Array.isArray(rows) ? rows.slice(0, 400) : [];
    const { driver } = await scriptedHyperliquid({ userFillsByTime: () => some });
    const fills = await driver.fills(NONE, 0);
    expect(fills.length).toBe(some.length);
    expect(fills.length).toBeGreaterThan(100);
    for (const [index, fill] of fills.entries()) {
      expect(fill.filledAt).toBeGreaterThanOrEqual(fills[index - 1]?.filledAt ?? 0);
      expect(fill.sizeBase.gt("0") && fill.price.gt("0")).toBe(true);
    }
  },
);

recorded("reads real funding payments, each with its own id", async () => {
  const answers = answersOf("test_user_funding_history_without_end_time");
  const { driver } = await scriptedHyperliquid({
    userFunding: answers["userFunding"] ?? (() => null),
  });
  const payments = await driver.fundingPayments(NONE, 0);
  expect(payments.length).toBeGreaterThan(100);
  expect(new Set(payments.map((one) => one.paymentId)).size).toBe(payments.length);
  const short = payments.find((one) => one.symbol === "ARB");
  // A short at a positive rate receives.
  expect(short?.amountUsd.toFixed()).toBe("2.694388");
  expect(payments.every((one) => one.fundingAt % HOUR_MS === 0)).toBe(true);
});

recorded("reads what really came into the perps' account and left it", async () => {
  const answers = answersOf("test_user_non_funding_ledger_updates_without_end_time");
  const { driver } = await scriptedHyperliquid(answers as Record<string, () => unknown>);
  const moved = await driver.transfers?.(0);
  // A transfer of spot dollars to somebody else is not among them.
  expect(moved?.map((one) => one.amountUsd.toFixed())).toEqual([
    ...["2703997.45", "-12", "-2684105.01", "1099994.98"],
  ]);
  expect(new Set(moved?.map((one) => one.transferId)).size).toBe(4);
});

recorded("reads a real history of rates", async () => {
  const answers = answersOf("test_get_funding_history[1684811870000]");
  const { driver } = await scriptedHyperliquid({
    fundingHistory: answers["fundingHistory"] ?? (() => null),
  });
  const settled = await driver.fundingHistory(mustList(driver, listedFrom("BTC", 5)), 0);
  expect(settled.length).toBeGreaterThan(10);
  expect(settled.every((one) => one.fundingAt % HOUR_MS === 0)).toBe(true);
  const hours = new Set(settled.map((one) => one.fundingAt));
  expect(hours.size).toBe(settled.length);
});

recorded("reads a real book and its meta", async () => {
  const answers = answersOf("test_get_l2_snapshot");
  const { driver } = await scriptedHyperliquid(answers as Record<string, () => unknown>);
  const { bids, asks } = await driver.orderBook(mustList(driver, listedFrom("DYDX", 1)));
  expect(bids[0]?.price.toFixed()).toBe("2.111");
  expect(bids[0]?.sizeBase.toFixed()).toBe("134.4");
  expect(asks[0]?.price.toFixed()).toBe("2.1124");
  expect(bids).toHaveLength(20);
});

recorded("reads real open orders, with those that wait for a trigger", async () => {
  const answers = answersOf("test_get_frontend_open_orders");
  const { driver } = await scriptedHyperliquid({
    frontendOpenOrders: answers["frontendOpenOrders"] ?? (() => null),
  });
  const orders = await driver.openOrders(NONE);
  expect(orders.length).toBeGreaterThan(0);
  expect(orders[0]).toMatchObject({ symbol: "INJ", side: "sell", reduceOnly: true });
  expect(orders[0]).toMatchObject({ venueOrderId: "3184595907", clientOrderId: "" });
});

recorded("knows every status of real past orders", async () => {
  const answers = answersOf("test_historical_orders");
  const rows = answers["historicalOrders"]?.();
  for (const order of Array.isArray(rows) ? rows : []) {
    const { driver } = await scriptedHyperliquid({
      orderStatus: () => ({ status: "order", order }),
    });
    const of = mustList(driver, listedFrom("TON", 1));
    const found = await driver.lookupOrder(of, { wireId: "", venueOrderId: "1" });
    expect(found?.status).toBe("cancelled");
    expect(found?.filledBase.toFixed()).toBe("0");
  }
  expect(rows).not.toBeEmpty();
});
