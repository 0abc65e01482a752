import { afterEach, describe, expect, test } from "bun:test";
import { RestClientV5 } from "bybit-api";
import { createSyntheticMarket } from "#src/sandbox/synthetic-market.ts";
import { guarded, orderRequest } from "#tests/support/guarded-orders.ts";
import { shortly } from "#tests/support/paper-rig.ts";
import { connectBybit } from "#tests/support/venues/bybit-rig.ts";
import { BYBIT_KEY, startBybitServer } from "#tests/support/venues/bybit-server.ts";
import type { Loopback } from "#tests/support/venues/loopback.ts";

const servers: Loopback[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

function bybitServer() {
  const server = startBybitServer({
    feed: createSyntheticMarket({ seed: 7 }),
    venue: "binance-sim",
  });
  servers.push(server);
  return server;
}

describe("a wrong secret of Bybit", () => {
  test("is refused by the signature, and says so without showing it", async () => {
    const server = bybitServer();
    const credentials = { ...BYBIT_KEY, secret: "not-the-secret-at-all" };
    const venue = await connectBybit(server, { credentials });
    const instrument = (await venue.data.instruments()).find((one) => one.symbol === "ETHUSDT");
    const request = orderRequest({
      ...{ venue: "bybit", symbol: "ETHUSDT", clientOrderId: "HwrongSecret1", size: "0.1" },
      ...{ limit: "1000", timeInForce: "gtc", expiresAt: Date.now() + 5_000 },
    });
    const outcome = await venue.trading.place(guarded(request, instrument));
    expect(shortly(outcome)).toBe("refused UNAUTHORISED");
    expect(server.engine.openOrders()).toEqual([]);
    const failed = venue.account.account();
    await expect(failed).rejects.toThrow("answered 10004");
    await expect(failed).rejects.not.toThrow(/not-the-secret|LoopbackKey|SIGN/);
  });
});

describe("the loopback Bybit, judged by another SDK", () => {
  const client = (server: Loopback, secret: string = BYBIT_KEY.secret) =>
    new RestClientV5({
      ...{ key: BYBIT_KEY.apiKey, secret },
      baseUrl: server.baseUrl("https://api.bybit.com"),
    });

  test("gives it markets, an order's life and an account", async () => {
    const server = bybitServer();
    const sdk = client(server);
    const symbol = "ETHUSDT";
    const listed = await sdk.getInstrumentsInfo({ category: "linear", symbol });
    expect(listed.result.list[0]?.symbol).toBe(symbol);
    const ticker = await sdk.getTickers({ category: "linear", symbol });
    const mark = ticker.result.list[0]?.markPrice ?? "";
    const order = { category: "linear", symbol, qty: "0.1", orderType: "Limit" } as const;
    const taken = await sdk.submitOrder({
      ...{ ...order, side: "Buy", price: String(Math.ceil(Number(mark) * 1.02)) },
      ...{ timeInForce: "IOC", orderLinkId: "HsecondSdk1" },
    });
    expect(taken).toMatchObject({ retCode: 0, result: { orderLinkId: "HsecondSdk1" } });
    const { orderId } = taken.result;
    const fills = await sdk.getExecutionList({ category: "linear", orderId });
    expect(fills.result.list[0]).toMatchObject({ orderLinkId: "HsecondSdk1", execType: "Trade" });
    const held = await sdk.getPositionInfo({ category: "linear", settleCoin: "USDT" });
    expect(held.result.list[0]).toMatchObject({ symbol, side: "Buy", size: "0.1" });
    const wallet = await sdk.getWalletBalance({ accountType: "UNIFIED" });
    expect(Number(wallet.result.list[0]?.totalEquity)).toBeGreaterThan(0);

    const put = await sdk.submitOrder({ ...order, side: "Buy", price: "1000", timeInForce: "GTC" });
    const open = await sdk.getActiveOrders({ category: "linear", symbol });
    expect(open.result.list).toHaveLength(1);
    const off = await sdk.cancelOrder({ ...{ category: "linear", symbol }, ...put.result });
    expect(off.retCode).toBe(0);
  });

  test("refuses its wrong secret too", async () => {
    const answer = await client(bybitServer(), "wrong").getWalletBalance({
      accountType: "UNIFIED",
    });
    expect(answer.retCode).toBe(10_004);
  });
});
