import { afterEach, describe, expect, test } from "bun:test";
import type { Market } from "ccxt";
import { dec } from "#src/core/decimal.ts";
import type { OrderRequest } from "#src/core/order.ts";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { createSyntheticMarket } from "#src/sandbox/synthetic-market.ts";
import { inCall, newCall } from "#src/venues/ccxt/call-context.ts";
import { guarded, guardedCancel, orderRequest } from "#tests/support/guarded-orders.ts";
import { shortly } from "#tests/support/paper-rig.ts";
import {
  bybitInstrument,
  connectBybit,
  startBybitSaying,
} from "#tests/support/venues/bybit-rig.ts";
import { startBybitServer } from "#tests/support/venues/bybit-server.ts";
import { htmlReply, type Loopback, type LoopbackRequest } from "#tests/support/venues/loopback.ts";

const servers: Loopback[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

function bybitServer(over: Partial<Parameters<typeof startBybitServer>[0]> = {}) {
  const feed = createSyntheticMarket({ seed: 7 });
  const server = startBybitServer({ feed, venue: "binance-sim", ...over });
  servers.push(server);
  return server;
}

let count = 0;

/** 0.1 ETH far from the market, so that it rests. */
function resting(over: Parameters<typeof orderRequest>[0] = {}): OrderRequest {
  count += 1;
  return orderRequest({
    ...{ venue: "bybit", symbol: "ETHUSDT", clientOrderId: `HbybitOrder${count}` },
    ...{ size: "0.1", limit: "1000", timeInForce: "gtc", expiresAt: Date.now() + 5_000 },
    ...over,
  });
}

async function traded(venue: Awaited<ReturnType<typeof connectBybit>>) {
  return (await venue.data.instruments()).find((one) => one.symbol === "ETHUSDT");
}

const creates = (server: Loopback) =>
  server.seen.filter(({ url }) => url.pathname === "/v5/order/create");
const bodyOf = (request: LoopbackRequest | undefined): Readonly<Record<string, unknown>> =>
  JSON.parse(request?.body ?? "{}");
const fenceOf = ({ headers }: LoopbackRequest) =>
  Number(headers.get("X-BAPI-TIMESTAMP")) + Number(headers.get("X-BAPI-RECV-WINDOW"));

describe("an order on Bybit", () => {
  test("is one request, with our id, our digits and nothing of a broker's", async () => {
    const server = bybitServer();
    const venue = await connectBybit(server);
    const instrument = await traded(venue);
    const before = server.seen.length;
    const request = resting();
    expect(shortly(await venue.trading.place(guarded(request, instrument)))).toBe("ack open");
    expect(server.seen).toHaveLength(before + 1);
    const [sent] = creates(server);
    expect(bodyOf(sent)).toEqual({
      ...{ symbol: "ETHUSDT", category: "linear", side: "Buy", orderType: "Limit", qty: "0.1" },
      ...{ price: "1000", timeInForce: "GTC", reduceOnly: false, positionIdx: 0 },
      orderLinkId: request.clientOrderId,
    });
    expect(sent?.headers.get("referer")).toBeNull();
    expect(sent?.headers.get("x-referer")).toBeNull();
  });

  test("lists its instruments with two requests and asks nothing about coins or the account", async () => {
    const server = bybitServer();
    const venue = await connectBybit(server);
    await venue.data.instruments();
    const paths = server.seen.map(({ url }) => url.pathname);
    expect(paths).toEqual(["/v5/market/instruments-info", "/v5/market/instruments-info"]);
  });

  test.each([
    ["ioc", "IOC"],
    ["gtc", "GTC"],
    ["postOnly", "PostOnly"],
  ] as const)("says %s in the venue's words", async (timeInForce, said) => {
    const server = bybitServer();
    const venue = await connectBybit(server);
    await venue.trading.place(guarded(resting({ timeInForce }), await traded(venue)));
    expect(bodyOf(creates(server)[0])["timeInForce"]).toBe(said);
  });

  test("keeps digits that no float holds (Q15)", async () => {
    const server = startBybitSaying({
      "/v5/market/instruments-info": (query: URLSearchParams) => ({
        list: query.get("status") === "PreLaunch" ? [] : [fine],
      }),
      "/v5/order/create": { orderId: "1321003749386327552", orderLinkId: "Hdigits0001" },
    });
    servers.push(server);
    const venue = await connectBybit(server);
    const [instrument] = await venue.data.instruments();
    const request = resting({
      ...{ symbol: "DUSTUSDT", clientOrderId: "Hdigits0001", reduceOnly: true },
      ...{ size: "9007199254740993.0000001", limit: "0.000000001230001" },
    });
    expect((await venue.trading.place(guarded(request, instrument))).kind).toBe("ack");
    expect(bodyOf(creates(server)[0])).toMatchObject({
      ...{ qty: "9007199254740993.0000001", price: "0.000000001230001", reduceOnly: true },
    });
  });

  const fine = bybitInstrument({
    ...{ symbol: "DUSTUSDT", baseCoin: "DUST", priceFilter: { tickSize: "0.000000000000001" } },
    lotSizeFilter: { qtyStep: "0.0000001", minOrderQty: "0.0000001", minNotionalValue: "5" },
  });

  test("that would take although it must not is acknowledged first and found cancelled", async () => {
    const venue = await connectBybit(bybitServer());
    const { markPrice } = await venue.data.marketStats("ETHUSDT");
    const limit = markPrice.times("1.01").round(1).toFixed();
    const request = resting({ timeInForce: "postOnly", limit });
    const outcome = await venue.trading.place(guarded(request, await traded(venue)));
    expect(outcome.kind).toBe("ack");
    expect(await venue.account.lookupOrder("ETHUSDT", request.clientOrderId)).toMatchObject({
      ...{ kind: "found", fills: [], order: { status: "cancelled" } },
    });
  });
});

describe("the fence of an order on Bybit", () => {
  test("is the end of its own signed window, also with two in flight", async () => {
    const server = bybitServer();
    const venue = await connectBybit(server);
    const instrument = await traded(venue);
    const now = Date.now();
    const requests = [3_000, 7_000].map((ms) => resting({ expiresAt: now + ms }));
    const outcomes = await Promise.all(
      requests.map((request) => venue.trading.place(guarded(request, instrument))),
    );
    expect(outcomes.map(shortly)).toEqual(["ack open", "ack open"]);
    const fences = new Map(
      creates(server).map((one) => [bodyOf(one)["orderLinkId"], fenceOf(one)]),
    );
    for (const { clientOrderId, expiresAt } of requests) {
      expect(fences.get(clientOrderId)).toBe(expiresAt);
    }
    await venue.account.account();
    expect(server.seen.at(-1)?.headers.get("X-BAPI-RECV-WINDOW")).toBe("5000");
  });

  test("never ends later than a minute from now", async () => {
    const server = bybitServer();
    const venue = await connectBybit(server);
    const request = resting({ expiresAt: Date.now() + 300_000 });
    await venue.trading.place(guarded(request, await traded(venue)));
    expect(creates(server)[0]?.headers.get("X-BAPI-RECV-WINDOW")).toBe("60000");
  });

  test("is kept by the venue when the order arrives late", async () => {
    const system = createSystemClock();
    // Four seconds ahead of us, and nobody has measured it yet.
    const server = bybitServer({ clock: { ...system, wallNow: () => Date.now() + 4_000 } });
    const venue = await connectBybit(server);
    const request = resting({ expiresAt: Date.now() + 3_000 });
    const outcome = await venue.trading.place(guarded(request, await traded(venue)));
    expect(shortly(outcome)).toBe("refused EXPIRED");
    expect(server.engine.openOrders()).toEqual([]);
  });
});

test("a clock ahead of Bybit's is put right by asking for its time once", async () => {
  const behind = () => Date.now() - 4_000;
  const server = bybitServer({ clock: { ...createSystemClock(), wallNow: behind } });
  const venue = await connectBybit(server);
  const instrument = await traded(venue);
  const early = await venue.trading.place(guarded(resting(), instrument));
  expect(shortly(early)).toBe("refused EXPIRED");
  await venue.data.time();
  const expiresAt = behind() + 5_000;
  const outcome = await venue.trading.place(guarded(resting({ expiresAt }), instrument));
  expect(shortly(outcome)).toBe("ack open");
  const sent = creates(server).at(-1);
  expect(sent && fenceOf(sent)).toBe(expiresAt);
});

describe("looking an order up on Bybit", () => {
  test("asks what is open, then the history, and only then says that there is none", async () => {
    const past = {
      ...{ orderId: "fd4300ae", orderLinkId: "Hforgotten1", symbol: "BTCUSDT", side: "Sell" },
      ...{ qty: "0.010", cumExecQty: "0.004", orderStatus: "Cancelled", reduceOnly: true },
    };
    const fills: unknown[] = [];
    const server = startBybitSaying({
      "/v5/order/realtime": { list: [] },
      "/v5/order/history": (query: URLSearchParams) => ({
        list: query.get("orderLinkId") === past.orderLinkId ? [past] : [],
      }),
      "/v5/execution/list": () => ({ list: fills, nextPageCursor: "" }),
      "/v5/market/time": {},
    });
    servers.push(server);
    const venue = await connectBybit(server);
    // Orders are told before their fills are: half a story is none.
    await expect(venue.account.lookupOrder("BTCUSDT", "Hforgotten1")).rejects.toThrow(
      "not all fills",
    );
    fills.push({
      ...{ symbol: "BTCUSDT", orderId: "fd4300ae", orderLinkId: "Hforgotten1", side: "Sell" },
      ...{ execId: "e1", execType: "Trade", execPrice: "60000", execQty: "0.004" },
      ...{ execFee: "0.132", isMaker: false, execTime: String(Date.now()) },
    });
    const found = await venue.account.lookupOrder("BTCUSDT", "Hforgotten1");
    expect(found).toMatchObject({
      kind: "found",
      order: { status: "cancelled", side: "sell", reduceOnly: true, venueOrderId: "fd4300ae" },
    });
    expect(found.kind === "found" && found.order.filledBase.toFixed()).toBe("0.004");
    expect(await venue.account.lookupOrder("BTCUSDT", "Hnever00001")).toMatchObject({
      kind: "notFound",
    });
  });

  test.each([
    ["a gateway's page", () => htmlReply(503)],
    ["half a body", "cut"],
  ] as const)(
    "finds an order that was executed although %s was the answer",
    async (_what, reply) => {
      const server = bybitServer();
      const venue = await connectBybit(server);
      const instrument = await traded(venue);
      const request = resting();
      server.faults.next({ path: "/v5/order/create", execute: true, reply });
      expect((await venue.trading.place(guarded(request, instrument))).kind).toBe("unknown");
      expect(await venue.account.lookupOrder("ETHUSDT", request.clientOrderId)).toMatchObject({
        ...{ kind: "found", order: { status: "open" } },
      });
      expect(await venue.trading.cancel(guardedCancel(request))).toEqual({ kind: "ack" });
      expect(shortly(await venue.trading.cancel(guardedCancel(request)))).toBe(
        "refused UNKNOWN_ORDER",
      );
    },
  );

  test("tells open, partly filled and conditional ones from finished ones", async () => {
    const row = (orderStatus: string) => ({
      ...{ orderId: orderStatus, orderLinkId: orderStatus, symbol: "BTCUSDT", side: "Buy" },
      ...{ qty: "0.010", cumExecQty: "0", orderStatus, reduceOnly: false },
    });
    const states = ["New", "PartiallyFilled", "Untriggered", "Filled", "Rejected", "Deactivated"];
    const server = startBybitSaying({
      "/v5/order/realtime": (query: URLSearchParams) => ({
        list: query.get("settleCoin") === "USDT" ? states.map(row) : [],
      }),
    });
    servers.push(server);
    const open = await (await connectBybit(server)).account.openOrders();
    expect(open.map((one) => one.status)).toEqual([
      ...(["open", "open", "open", "filled", "cancelled", "cancelled"] as const),
    ]);
  });
});

test("the leverage of an instrument is set for both sides in exact digits, and read back", async () => {
  const server = bybitServer();
  const { account, driver } = await connectBybit(server);
  const info = bybitInstrument({ symbol: "ETHUSDT", baseCoin: "ETH" });
  const of = driver.list({ symbol: "ETH/USDT:USDT", info } as Market);
  const change = newCall("open");
  const set = () => inCall(change, async () => of && driver.setLeverage?.(of, dec("2.5")));
  await set();
  expect(bodyOf(server.seen.at(-1))).toMatchObject({ buyLeverage: "2.5", sellLeverage: "2.5" });
  expect((await account.setup("ETHUSDT")).leverage?.toFixed()).toBe("2.5");
  // A second time the venue calls it an error.
  await set();
  expect(change.reply?.body).toContain("110043");
});
