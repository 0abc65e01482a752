import { afterEach, describe, expect, test } from "bun:test";
import { createSyntheticMarket } from "#src/sandbox/synthetic-market.ts";
import { guarded, orderRequest } from "#tests/support/guarded-orders.ts";
import { connectBybit, startBybitSaying } from "#tests/support/venues/bybit-rig.ts";
import { startBybitServer } from "#tests/support/venues/bybit-server.ts";
import type { Loopback } from "#tests/support/venues/loopback.ts";

const DAY_MS = 86_400_000;
const servers: Loopback[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function saying(answers: Parameters<typeof startBybitSaying>[0]) {
  const server = startBybitSaying(answers);
  servers.push(server);
  return { server, venue: await connectBybit(server) };
}

const execution = (over: Readonly<Record<string, unknown>> = {}) => ({
  ...{ symbol: "BTCUSDT", orderId: "8c065341", orderLinkId: "Hours1", side: "Buy" },
  ...{ execId: "e0cbe81d", execType: "Trade", createType: "CreateByUser", execPrice: "60000.10" },
  ...{ execQty: "0.003", execFee: "0.0990001650", feeCurrency: "", isMaker: false },
  ...{ execTime: String(Date.now() - 60_000), seq: 4688002127 },
  ...over,
});

/** The venue's own paging: a window of seven days at most, newest first, an encoded cursor. */
function paged(all: readonly Readonly<Record<string, unknown>>[], key: string) {
  return (query: URLSearchParams) => {
    const [start, end] = [Number(query.get("startTime")), Number(query.get("endTime"))];
    expect(end - start).toBeLessThanOrEqual(7 * DAY_MS);
    const inside = all.filter((one) => Number(one[key]) >= start && Number(one[key]) <= end);
    const newestFirst = inside.toSorted((a, b) => Number(b[key]) - Number(a[key]));
    const [from, limit] = [Number(query.get("cursor") ?? 0), Number(query.get("limit"))];
    const list = newestFirst.slice(from, from + limit);
    return { list, nextPageCursor: list.length === limit ? String(from + limit) : "" };
  };
}

describe("Bybit's fills", () => {
  test("are read to the end when a page ends in the middle of one millisecond", async () => {
    const at = String(Date.now() - 60_000);
    const all = Array.from({ length: 250 }, (_, n) => execution({ execId: `e${n}`, execTime: at }));
    const { venue } = await saying({ "/v5/execution/list": paged(all, "execTime") });
    const fills = await venue.account.fills(Date.now() - DAY_MS);
    expect(new Set(fills.map((fill) => fill.tradeId)).size).toBe(250);
    expect(fills).toHaveLength(250);
  });

  test("of twenty days come from three windows, none lost and none twice on their seams", async () => {
    const since = Date.now() - 20 * DAY_MS;
    const seams = [0, 7 * DAY_MS, 14 * DAY_MS, 7 * DAY_MS + 1, 14 * DAY_MS - 1, 20 * DAY_MS - 1000];
    const all = seams.map((after, n) =>
      execution({ execId: `e${n}`, execTime: String(since + after) }),
    );
    const { venue, server } = await saying({ "/v5/execution/list": paged(all, "execTime") });
    const fills = await venue.account.fills(since);
    const stamps = fills.map((fill) => fill.filledAt - since);
    expect(stamps).toEqual(seams.toSorted((a, b) => a - b));
    expect(server.seen.filter(({ url }) => url.pathname === "/v5/execution/list")).toHaveLength(3);
  });

  test("carry our id, who made them, what they cost and whether they took", async () => {
    const { venue } = await saying({
      "/v5/execution/list": paged(
        [execution({ isMaker: true, execFee: "-0.0180000300" })],
        "execTime",
      ),
    });
    const [fill] = await venue.account.fills(Date.now() - DAY_MS);
    expect(fill).toMatchObject({ clientOrderId: "Hours1", side: "buy", liquidity: "maker" });
    expect(fill?.price.toFixed()).toBe("60000.1");
    expect(fill?.sizeBase.toFixed()).toBe("0.003");
    expect(fill?.feeUsd.toFixed()).toBe("-0.01800003");
    expect(fill?.cause).toBe("order");
  });

  test.each([
    ["a liquidation", { execType: "BustTrade" }, "liquidation"],
    ["a liquidation in steps", { createType: "CreateByLiq" }, "liquidation"],
    ["auto-deleveraging", { execType: "AdlTrade" }, "deleveraging"],
    ["the end of a delisted market", { execType: "Settle" }, "deleveraging"],
    ["somebody's hand", { orderLinkId: "", createType: "CreateByClosing" }, "order"],
  ])("tell %s from our orders", async (_what, over, cause) => {
    const { venue } = await saying({
      "/v5/execution/list": paged([execution({ ...over })], "execTime"),
    });
    const [fill] = await venue.account.fills(Date.now() - DAY_MS);
    expect(fill?.cause).toBe(cause as "order");
  });

  test("are not what funding executed", async () => {
    const funding = execution({ execType: "Funding", orderLinkId: "", execFee: "-0.10232512" });
    const { venue } = await saying({ "/v5/execution/list": paged([funding], "execTime") });
    expect(await venue.account.fills(Date.now() - DAY_MS)).toEqual([]);
  });

  test.each([
    ["of a kind that is not known", { execType: "Gift" }, "execType Gift is not known"],
    ["with a fee in the venue's own coin", { feeCurrency: "MNT" }, "fees are taken in MNT"],
    ["without a fee", { execFee: "" }, "execFee is missing"],
  ])("%s are refused, never guessed", async (_what, over, text) => {
    const { venue } = await saying({
      "/v5/execution/list": paged([execution({ ...over })], "execTime"),
    });
    await expect(venue.account.fills(Date.now() - DAY_MS)).rejects.toThrow(text);
  });
});

describe("Bybit's funding payments", () => {
  const at = Date.now() - 60_000;
  const settlement = (over: Readonly<Record<string, unknown>> = {}) => ({
    ...{ id: "592324_BTCUSDT_161440249321", symbol: "BTCUSDT", category: "linear", side: "Buy" },
    ...{ type: "SETTLEMENT", currency: "USDT", funding: "-0.10232512", change: "-0.10232512" },
    ...{ feeRate: "0.0001", size: "0.017", qty: "0.017", tradePrice: "60191.25" },
    ...{ transactionTime: String(at), tradeId: "534c0003", cashFlow: "0", fee: "0.00000000" },
    ...over,
  });
  const paid = async (...rows: readonly Readonly<Record<string, unknown>>[]) => {
    const { venue } = await saying({
      "/v5/account/transaction-log": paged(rows, "transactionTime"),
    });
    return venue.account.fundingPayments(Date.now() - DAY_MS);
  };

  // Q2: ccxt's income has it the other way round.
  test("are positive when received", async () => {
    const [cost] = await paid(settlement());
    expect(cost?.amountUsd.toFixed()).toBe("-0.10232512");
    const [gain] = await paid(
      settlement({ side: "Sell", funding: "0.10232512", feeRate: "-0.0001" }),
    );
    expect(gain?.amountUsd.toFixed()).toBe("0.10232512");
  });

  test("carry the mark that they were counted on, per coin, where the venue says it", async () => {
    const priceOf = async (over: Readonly<Record<string, unknown>>) =>
      (await paid(settlement(over)))[0]?.refPrice?.toFixed();
    expect(await priceOf({})).toBe("60191.25");
    expect(await priceOf({ symbol: "1000PEPEUSDT", tradePrice: "0.0125" })).toBe("0.0000125");
    expect(await priceOf({ tradePrice: "0" })).toBeUndefined();
    expect(await priceOf({ tradePrice: "" })).toBeUndefined();
  });

  test("carry the market's rate, which is turned round for a short", async () => {
    const [long] = await paid(settlement());
    const [short] = await paid(settlement({ side: "Sell", funding: "0.1", feeRate: "-0.0001" }));
    expect([long?.rate.toFixed(), short?.rate.toFixed()]).toEqual(["0.0001", "0.0001"]);
  });

  // Q4: the log's own id is the same for settlements of different hours.
  test("have ids of their own where the venue's repeats itself", async () => {
    const all = await paid(
      settlement({ tradeId: "534c0003" }),
      settlement({ tradeId: "534c0004", transactionTime: String(at - 3_600_000) }),
      settlement({ tradeId: "", transactionTime: String(at - 7_200_000) }),
    );
    expect(new Set(all.map((one) => one.paymentId)).size).toBe(3);
  });

  test("are the funding only, where a session's P&L settles with it", async () => {
    const session = { currency: "USDC", cashFlow: "12.5", change: "12.6" };
    const [one, ...rest] = await paid(
      settlement({ ...session, funding: "0.1" }),
      settlement({ ...session, funding: "", tradeId: "534c0009" }),
    );
    expect(one?.amountUsd.toFixed()).toBe("0.1");
    expect(rest).toEqual([]);
  });

  test("without an amount are refused, never zero", async () => {
    await expect(paid(settlement({ funding: "" }))).rejects.toThrow("funding is missing");
  });

  test("are read to the last page", async () => {
    const rows = Array.from({ length: 120 }, (_, n) => settlement({ tradeId: `t${n}` }));
    expect(await paid(...rows)).toHaveLength(120);
  });
});

test("what Bybit tells of a position's life is what its matching core did", async () => {
  const feed = createSyntheticMarket({ seed: 3 });
  let marketMs = 0;
  const clock = {
    ...{ wallNow: Date.now, elapsedMs: () => performance.now(), sleep: () => Promise.resolve() },
    marketNow: () => Date.now() + marketMs,
    later: () => () => undefined,
  };
  const server = startBybitServer({ feed, venue: "binance-sim", clock });
  servers.push(server);
  const venue = await connectBybit(server, { clock });
  const { markPrice } = await venue.data.marketStats("ETHUSDT");
  const [size, limit] = ["0.5", markPrice.times("1.01").round(1).toFixed()];
  const request = orderRequest({
    ...{ venue: "bybit", symbol: "ETHUSDT", clientOrderId: "HlifeOfAPosition1", size, limit },
    expiresAt: Date.now() + 5_000,
  });
  const instrument = (await venue.data.instruments()).find((one) => one.symbol === "ETHUSDT");
  await venue.trading.place(guarded(request, instrument));
  marketMs = 20 * 3_600_000;

  const inside = server.engine.state;
  const payments = await venue.account.fundingPayments(Date.now() - DAY_MS);
  expect(payments.length).toBeGreaterThanOrEqual(2);
  const figures = (all: typeof payments) =>
    all.map(({ fundingAt, amountUsd, rate }) => [fundingAt, amountUsd.toFixed(), rate.toFixed()]);
  expect(figures(payments)).toEqual(figures(inside.payments));
  const fills = await venue.account.fills(Date.now() - DAY_MS);
  expect(fills.map((one) => one.tradeId)).toEqual(inside.fills.map((one) => one.tradeId));
});
