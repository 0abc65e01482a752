import { afterAll, describe, expect, test } from "bun:test";
import { dec } from "#src/core/decimal.ts";
import type { OrderRequest } from "#src/core/order.ts";
import { baseSize, notionalUsd, price } from "#src/core/units.ts";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { inCall, newCall } from "#src/venues/ccxt/call-context.ts";
import { openExchange } from "#src/venues/ccxt/open-exchange.ts";
import { RequestGate } from "#src/venues/gate/request-gate.ts";
import { okx } from "#src/venues/quirks/okx.ts";
import { instrument } from "#tests/support/builders.ts";
import { guarded, guardedCancel, orderRequest } from "#tests/support/guarded-orders.ts";
import { shortly } from "#tests/support/paper-rig.ts";
import { createSteadyMarket } from "#tests/support/steady-market.ts";
import type { LoopbackRequest } from "#tests/support/venues/loopback.ts";
import { BTC, okxOver } from "#tests/support/venues/okx-rig.ts";
import { OKX_KEY, startOkxServer } from "#tests/support/venues/okx-server.ts";

const running: { stop(): Promise<void> }[] = [];
afterAll(() => Promise.all(running.map((one) => one.stop())));

const LISTED = {
  ...{ venue: "okx", symbol: BTC, contractSizeBase: baseSize("0.01") },
  ...{ lotStepBase: baseSize("0.0001"), minSizeBase: baseSize("0.0001") },
  ...{ minNotionalUsd: notionalUsd("0"), priceTick: price("0.1"), maxLeverage: dec("100") },
};

function start(demo = false) {
  const feed = createSteadyMarket({ okx: { instrument: LISTED } });
  const clock = createSystemClock();
  const server = startOkxServer({ feed, venue: "okx", clock, demo, cash: "1000000" });
  running.push(server);
  return server;
}

let count = 0;
function request(over: Parameters<typeof orderRequest>[0] = {}): OrderRequest {
  count += 1;
  const expiresAt = Date.now() + 5_000;
  return orderRequest({
    venue: "okx",
    symbol: BTC,
    clientOrderId: `Hwire0000z${count}`,
    expiresAt,
    ...over,
  });
}

const sealed = (order: OrderRequest) => guarded(order, instrument(LISTED));

/** The one order that went out. */
function sentOrder(seen: readonly LoopbackRequest[]): LoopbackRequest {
  const posts = seen.filter((one) => one.method === "POST");
  const [only] = posts;
  if (!only || posts.length > 1) throw new Error(`${posts.length} orders`);
  return only;
}

describe("an order on the wire", () => {
  test("is ours to the letter: contracts and price exact, nobody's tag, our id", async () => {
    const server = start();
    const venue = await okxOver(server);
    const order = request({ size: "0.1234", limit: "60030.1" });
    expect((await venue.trading.place(sealed(order))).kind).toBe("ack");
    const sent = sentOrder(server.seen);
    expect(sent.url.href).toBe("https://www.okx.com/api/v5/trade/order");
    expect(JSON.parse(sent.body)).toEqual({
      ...{ instId: BTC, tdMode: "cross", side: "buy", clOrdId: order.clientOrderId },
      ...{ ordType: "ioc", sz: "12.34", px: "60030.1" },
    });
    expect(sent.headers.get("expTime")).toBe(String(order.expiresAt));
    expect(sent.headers.get("x-simulated-trading")).toBeNull();
  });

  test.each([
    ["ioc", "ioc"],
    ["gtc", "limit"],
    ["postOnly", "post_only"],
  ] as const)("says %s as %s, and reduce-only as true", async (timeInForce, ordType) => {
    const server = start();
    const venue = await okxOver(server);
    await venue.trading.place(sealed(request({ timeInForce, reduceOnly: true, limit: "50000" })));
    expect(JSON.parse(sentOrder(server.seen).body)).toMatchObject({ ordType, reduceOnly: true });
  });

  test("reports a post-only order that would take as cancelled, for the venue accepts it first", async () => {
    const venue = await okxOver(start());
    const order = request({ timeInForce: "postOnly" });
    expect((await venue.trading.place(sealed(order))).kind).toBe("ack");
    const found = await venue.account.lookupOrder(BTC, order.clientOrderId);
    expect(found).toMatchObject({ kind: "found", order: { status: "cancelled" }, fills: [] });
  });

  test("keeps two deadlines apart when two orders are signed at once", async () => {
    const server = start();
    const venue = await okxOver(server);
    await venue.data.instruments();
    const orders = [request(), { ...request(), expiresAt: Date.now() + 9_000 }];
    await Promise.all(orders.map((order) => venue.trading.place(sealed(order))));
    const sent = server.seen.filter((one) => one.method === "POST");
    const byId = new Map(
      sent.map((one) => [JSON.parse(one.body).clOrdId, one.headers.get("expTime")]),
    );
    for (const order of orders) {
      expect(byId.get(order.clientOrderId)).toBe(String(order.expiresAt));
    }
  });

  test("is refused as expired by the venue when it comes after its deadline", async () => {
    const server = start();
    const venue = await okxOver(server, {
      clock: { ...createSystemClock(), wallNow: () => Date.now() - 60_000 },
    });
    const late = { ...request(), expiresAt: Date.now() - 10 };
    expect(shortly(await venue.trading.place(sealed(late)))).toBe("refused EXPIRED");
  });
});

describe("signing", () => {
  async function open() {
    const server = start();
    const clock = createSystemClock();
    const gate = new RequestGate({ name: "OKX", clock, ...okx.profile.budget });
    const wire = { clock, aheadMs: () => 0, loopback: server.proxyUrl };
    const exchange = await openExchange({
      ...{ quirks: okx, mode: "live", credentials: OKX_KEY, gate, wire },
    });
    const driver = okx.create({ exchange, mode: "live", builderFeeRate: null });
    await exchange.loadMarkets();
    return { server, exchange, driver };
  }

  test("lets a change of leverage pass, in exact digits", async () => {
    const { server, exchange, driver } = await open();
    const of = driver.list(exchange.market("BTC/USDT:USDT"));
    if (!of) throw new Error("not listed");
    await inCall(newCall("open"), async () => driver.setLeverage?.(of, dec("2.5")));
    const body = JSON.parse(server.seen.at(-1)?.body ?? "");
    expect(body).toEqual({ instId: BTC, lever: "2.5", mgnMode: "cross" });
    expect((await driver.setup(of)).leverage?.toFixed()).toBe("2.5");
  });

  test("refuses an order without a deadline", async () => {
    const { server, exchange } = await open();
    const order = exchange.createOrder("BTC/USDT:USDT", "limit", "buy", 1, 50000, {
      clientOrderId: "Hnodeadline1",
    });
    await expect(order).rejects.toThrow("deadline");
    expect(server.seen.filter((one) => one.method === "POST")).toEqual([]);
  });

  test("refuses an order without our id, which ccxt would have sent under its broker's", async () => {
    const { server, exchange } = await open();
    const call = newCall("open", Date.now() + 5_000);
    const order = inCall(call, () =>
      exchange.createOrder("BTC/USDT:USDT", "limit", "buy", 1, 50000),
    );
    await expect(order).rejects.toThrow("own id");
    expect(call.sent).toBe(false);
    expect(server.seen.filter((one) => one.method === "POST")).toEqual([]);
  });

  test("refuses everything but orders, cancels and leverage", async () => {
    const { server, exchange } = await open();
    const order = { type: "limit", side: "buy", amount: 1, price: 1 } as const;
    const orders = [
      { ...order, symbol: "BTC/USDT:USDT", params: { clientOrderId: "Hbatch00001" } },
    ];
    for (const work of [
      () => exchange.transfer("USDT", 1, "trading", "funding"),
      () => exchange.setPositionMode(true),
      () => exchange.closePosition("BTC/USDT:USDT"),
      () => exchange.createOrders(orders),
      () => exchange.createOrder("BTC/USDT:USDT", "trigger", "buy", 1, 1, { triggerPrice: 2 }),
    ]) {
      const call = newCall("open", Date.now() + 5_000);
      await expect(inCall(call, work)).rejects.toThrow("is not signed here");
    }
    expect(server.seen.filter((one) => one.method === "POST")).toEqual([]);
  });
});

describe("the key", () => {
  test("asks nothing of the funding account at start", async () => {
    const server = start();
    await (await okxOver(server)).data.instruments();
    expect(server.seen.map((one) => one.url.pathname)).toEqual(["/api/v5/public/instruments"]);
  });

  test("with a wrong secret is an unauthorised one, and nothing is done", async () => {
    const server = start();
    const venue = await okxOver(server, { credentials: { ...OKX_KEY, secret: "wrong" } });
    expect(shortly(await venue.trading.place(sealed(request())))).toBe("refused UNAUTHORISED");
    await expect(venue.account.account()).rejects.toThrow("answered 50113");
    expect(server.engine.state.fills).toEqual([]);
  });

  test.each([
    ["apiKey", "50111"],
    ["password", "50105"],
  ])("with a wrong %s is told by %s", async (field, code) => {
    const venue = await okxOver(start(), { credentials: { ...OKX_KEY, [field]: "wrong" } });
    await expect(venue.account.positions()).rejects.toThrow(`answered ${code}`);
  });

  test("of the demo goes with the demo's header, on every request", async () => {
    const server = start(true);
    const venue = await okxOver(server, { mode: "testnet" });
    expect((await venue.trading.place(sealed(request()))).kind).toBe("ack");
    for (const one of server.seen) expect(one.headers.get("x-simulated-trading")).toBe("1");
  });

  test("is good with a clock that is minutes off: the venue is asked the time first", async () => {
    const clock = { ...createSystemClock(), wallNow: () => Date.now() + 300_000 };
    const feed = createSteadyMarket({ okx: { instrument: LISTED } });
    const server = startOkxServer({ feed, venue: "okx", clock });
    running.push(server);
    const venue = await okxOver(server);
    expect((await venue.account.account()).equityUsd.toFixed()).toBe("10000");
  });

  test("of one environment does not open the other", async () => {
    const venue = await okxOver(start(true));
    await expect(venue.account.account()).rejects.toThrow("answered 50101");
  });
});

test("a cancel carries our id and no deadline", async () => {
  const server = start();
  const venue = await okxOver(server);
  const order = request({ timeInForce: "gtc", limit: "50000" });
  await venue.trading.place(sealed(order));
  expect(await venue.trading.cancel(guardedCancel(order))).toEqual({ kind: "ack" });
  const sent = server.seen.findLast((one) => one.method === "POST");
  expect(JSON.parse(sent?.body ?? "")).toEqual({ instId: BTC, clOrdId: order.clientOrderId });
  expect(sent?.headers.get("expTime")).toBeNull();
  expect(shortly(await venue.trading.cancel(guardedCancel(order)))).toBe("refused UNKNOWN_ORDER");
});
