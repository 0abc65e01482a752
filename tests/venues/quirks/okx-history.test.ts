import { afterAll, describe, expect, test } from "bun:test";
import { sum } from "#src/core/decimal.ts";
import { BTC, okxPagesOf, type Row, scriptedOkx } from "#tests/support/venues/okx-rig.ts";

const running: { stop(): Promise<void> }[] = [];
afterAll(() => Promise.all(running.map((one) => one.stop())));

async function over(answers: Parameters<typeof scriptedOkx>[0]) {
  const { loopback, venue } = await scriptedOkx(answers);
  running.push(loopback);
  const asked = (path: string) =>
    loopback.seen.filter((one) => one.url.pathname === `/api/v5/${path}`).map((one) => one.url);
  return { venue, asked };
}

/** The decimals of an answer as text, to compare. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

const NOW = Date.now();
const FIRST_BILL = 680_800_019_754_098_688n;

/** As documented; a taker's fill of one contract. */
function fill(index: number, change: Row = {}): Row {
  return {
    ...{ instType: "SWAP", instId: BTC, ordId: "680800019749904384", clOrdId: "Hours0000001" },
    ...{ billId: String(FIRST_BILL + BigInt(index)), tradeId: String(744_876_980 + index) },
    ...{ side: "buy", posSide: "net", subType: "1", execType: "T", tag: "", fillPnl: "0" },
    ...{ fillSz: "1", fillPx: "51858", fillIdxPx: "51850", fillMarkPx: "51855" },
    ...{ fee: "-0.25929", feeCcy: "USDT", feeRate: "" },
    ...{ fillTime: String(NOW - 10_000), ts: String(NOW - 9_999) },
    ...change,
  };
}

describe("fills", () => {
  test("are coins at a price, with what was paid and whose order it was", async () => {
    const { venue } = await over({ "GET trade/fills": [fill(0)] });
    expect(plain(await venue.account.fills(NOW - 60_000))).toEqual([
      {
        ...{ venue: "okx", symbol: BTC, tradeId: "680800019749904384:744876980" },
        ...{ clientOrderId: "Hours0000001", side: "buy", sizeBase: "0.01", price: "51858" },
        ...{ feeUsd: "0.25929", liquidity: "taker", cause: "order", filledAt: NOW - 10_000 },
      },
    ]);
  });

  test("are paged to the end, also when a page ends inside of one millisecond", async () => {
    const rows = [...Array(250).keys()].map((index) => fill(index));
    const { venue, asked } = await over({ "GET trade/fills": okxPagesOf(rows) });
    const fills = await venue.account.fills(NOW - 60_000);
    expect(new Set(fills.map((one) => one.tradeId)).size).toBe(250);
    expect(sum(fills.map((one) => one.sizeBase)).toFixed()).toBe("2.5");
    expect(asked("trade/fills")).toHaveLength(3);
  });

  test("of a page that is just full are followed by an empty one", async () => {
    const rows = [...Array(100).keys()].map((index) => fill(index));
    const { venue, asked } = await over({ "GET trade/fills": okxPagesOf(rows) });
    expect(await venue.account.fills(NOW - 60_000)).toHaveLength(100);
    expect(asked("trade/fills")).toHaveLength(2);
  });

  test("that go round in circles are no answer", async () => {
    const rows = [...Array(100).keys()].map((index) => fill(index));
    const { venue } = await over({ "GET trade/fills": rows });
    await expect(venue.account.fills(NOW - 60_000)).rejects.toThrow("do not end");
  });

  test("of more than three days come from both lists, each once", async () => {
    const old = fill(1, {
      ts: String(NOW - 5 * 86_400_000),
      fillTime: String(NOW - 5 * 86_400_000),
    });
    const { venue, asked } = await over({
      "GET trade/fills": okxPagesOf([fill(2), fill(3)]),
      "GET trade/fills-history": okxPagesOf([old, fill(2)]),
    });
    const fills = await venue.account.fills(NOW - 6 * 86_400_000);
    expect(fills.map((one) => one.tradeId.split(":")[1])).toEqual([
      ...["744876981", "744876982", "744876983"],
    ]);
    expect(asked("trade/fills-history")).toHaveLength(1);
  });

  test("of the last days ask for the quick list alone", async () => {
    const { venue, asked } = await over({ "GET trade/fills": [] });
    await venue.account.fills(NOW - 86_400_000);
    expect(asked("trade/fills-history")).toEqual([]);
  });

  test("with the same number in two instruments are two", async () => {
    const other = { instId: "PEPE-USDT-SWAP", tradeId: "744876980", ordId: "7" };
    const { venue } = await over({ "GET trade/fills": [fill(1, other), fill(0)] });
    const fills = await venue.account.fills(NOW - 60_000);
    expect(new Set(fills.map((one) => one.tradeId)).size).toBe(2);
    expect(fills.map((one) => one.sizeBase.toFixed())).toContain("10000000");
  });

  test.each([
    ["100", "liquidation"],
    ["106", "liquidation"],
    ["107", "liquidation"],
    ["125", "deleveraging"],
    ["128", "deleveraging"],
    ["2", "order"],
    ["204", "order"],
  ])("of kind %s are told as %s", async (subType, cause) => {
    const forced = cause !== "order";
    const row = fill(0, { subType, execType: forced ? "" : "M", tradeId: "-17", clOrdId: "" });
    const { venue } = await over({ "GET trade/fills": [row] });
    const [found] = await venue.account.fills(NOW - 60_000);
    expect(found?.cause).toBe(cause as never);
    expect(found?.liquidity).toBe(forced ? "taker" : "maker");
    expect(found?.clientOrderId).toBe("");
  });

  test("of a block trade, which is no order's, still have a name", async () => {
    const row = fill(0, { ordId: "", subType: "204" });
    const { venue } = await over({ "GET trade/fills": [row] });
    const [found] = await venue.account.fills(NOW - 60_000);
    expect(found?.tradeId).toBe(`bill:${FIRST_BILL}`);
  });

  test("with a rebate have a negative fee", async () => {
    const { venue } = await over({ "GET trade/fills": [fill(0, { fee: "0.05", execType: "M" })] });
    expect((await venue.account.fills(NOW - 60_000))[0]?.feeUsd.toFixed()).toBe("-0.05");
  });

  test.each([
    ["a fee in another currency", { feeCcy: "OKB" }],
    ["an unknown liquidity", { execType: "X" }],
    ["no size", { fillSz: "" }],
    ["no time", { fillTime: "" }],
    ["no kind", { subType: "" }],
  ])("with %s are refused", async (_name, change) => {
    const { venue } = await over({ "GET trade/fills": [fill(0, change)] });
    await expect(venue.account.fills(NOW - 60_000)).rejects.toThrow("OKX swaps, fills");
  });
});

describe("the fills of an order", () => {
  const order = {
    ...{ instType: "SWAP", instId: BTC, ordId: "680800019749904384", clOrdId: "Hours0000001" },
    ...{ side: "buy", sz: "3", accFillSz: "2", state: "canceled", px: "51860", ordType: "ioc" },
    ...{ reduceOnly: "false", tdMode: "cross", avgPx: "51858", cancelSource: "0" },
  };
  const rows = [fill(0), fill(1), fill(2, { ordId: "5", clOrdId: "another0001" })];

  test("are its own, though it was cut short", async () => {
    const { venue } = await over({
      "GET trade/order": [order],
      "GET trade/fills": okxPagesOf(rows),
    });
    expect(plain(await venue.account.lookupOrder(BTC, "Hours0000001"))).toMatchObject({
      kind: "found",
      order: { status: "cancelled", sizeBase: "0.03", filledBase: "0.02", reduceOnly: false },
      fills: [{ sizeBase: "0.01" }, { sizeBase: "0.01" }],
    });
  });

  test("of last week come from the slow list", async () => {
    const { venue } = await over({
      "GET trade/order": [order],
      "GET trade/fills": [],
      "GET trade/fills-history": okxPagesOf(rows),
    });
    const found = await venue.account.lookupOrder(BTC, "Hours0000001");
    expect(found).toMatchObject({ kind: "found", fills: [{}, {}] });
  });

  test("that are not listed yet make no answer, rather than a smaller one", async () => {
    const { venue } = await over({
      "GET trade/order": [order],
      "GET trade/fills": [fill(0)],
      "GET trade/fills-history": [fill(0)],
    });
    await expect(venue.account.lookupOrder(BTC, "Hours0000001")).rejects.toThrow("not listed yet");
  });

  test.each([
    ["live", "open"],
    ["partially_filled", "open"],
    ["mmp_canceled", "cancelled"],
    ["filled", "filled"],
  ])("in state %s is %s", async (state, status) => {
    const { venue } = await over({
      ...{ "GET trade/order": [{ ...order, state }], "GET trade/fills": okxPagesOf(rows) },
    });
    const found = await venue.account.lookupOrder(BTC, "Hours0000001");
    expect(found).toMatchObject({ kind: "found", order: { status } });
  });

  test("in a state that nobody knows is no answer", async () => {
    const { venue } = await over({ "GET trade/order": [{ ...order, state: "limbo" }] });
    await expect(venue.account.lookupOrder(BTC, "Hours0000001")).rejects.toThrow("limbo");
  });
});

describe("open orders", () => {
  test("are paged to the end, with our ids, in coins", async () => {
    const rows = [...Array(101).keys()].map((index) => ({
      ...{ instType: "SWAP", instId: BTC, ordId: String(9_000 - index), clOrdId: `Hours${index}` },
      ...{ side: "sell", sz: "12.5", accFillSz: "2.5", state: "partially_filled" },
      reduceOnly: "true",
    }));
    const { venue } = await over({
      "GET trade/orders-pending": (query: URLSearchParams) =>
        rows.filter((one) => one.ordId < (query.get("after") ?? "9999")).slice(0, 100),
    });
    const found = await venue.account.openOrders();
    expect(new Set(found.map((one) => one.clientOrderId)).size).toBe(101);
    expect(plain(found[0])).toMatchObject({
      ...{ sizeBase: "0.125", filledBase: "0.025", reduceOnly: true, status: "open" },
    });
  });
});
