import { afterAll, describe, expect, test } from "bun:test";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { createSyntheticMarket } from "#src/sandbox/synthetic-market.ts";
import type { Quirks } from "#src/venues/ccxt/driver.ts";
import { openExchange } from "#src/venues/ccxt/open-exchange.ts";
import { dressSockets } from "#src/venues/ccxt/streams/dress-sockets.ts";
import { openStream, streamHost } from "#src/venues/ccxt/streams/open-stream.ts";
import { RequestGate } from "#src/venues/gate/request-gate.ts";
import { binance } from "#src/venues/quirks/binance.ts";
import { bybit } from "#src/venues/quirks/bybit.ts";
import { BINANCE_KEY } from "#tests/support/venues/binance-rig.ts";
import { BYBIT_KEY, startBybitServer } from "#tests/support/venues/bybit-server.ts";

const clock = createSystemClock();
const server = startBybitServer({ feed: createSyntheticMarket({ seed: 7 }), venue: "bybit-sim" });
afterAll(() => server.stop());

async function open(quirks: Quirks, credentials: Readonly<Record<string, string>>) {
  const gate = new RequestGate({ name: "test", clock, perSecond: 1_000, burst: 1_000 });
  const wire = { clock, aheadMs: () => 0, loopback: server.proxyUrl };
  const opening = { quirks, mode: "live", credentials, gate, wire } as const;
  const asking = await openExchange(opening);
  if (quirks === bybit) await asking.loadMarkets();
  else asking.markets = {};
  return openStream({ ...opening, asking, builderFeeRate: null });
}

describe("the object that streams come over", () => {
  test("refuses every change before it is sent", async () => {
    const exchange = await open(bybit, BYBIT_KEY);
    const before = server.seen.length;
    const changes = [
      () => exchange.createOrder("BTC/USDT:USDT", "limit", "buy", 0.01, 1),
      () => exchange.cancelAllOrders("BTC/USDT:USDT"),
      () => exchange.setLeverage(2, "BTC/USDT:USDT"),
    ];
    for (const change of changes) {
      expect(await change().then(String, String)).toContain("its streams are not for orders");
    }
    expect(server.seen.slice(before).filter(({ method }) => method !== "GET")).toEqual([]);
  });

  test("sends no order over a socket either", async () => {
    const exchange = await open(bybit, BYBIT_KEY);
    const failed = Promise.withResolvers<string>();
    const nothing = () => undefined;
    dressSockets(exchange, {
      isAllowed: () => true,
      ...{ connected: nothing, message: nothing, heard: nothing, failed: failed.resolve },
    });
    const before = server.said.length;
    const order = exchange.createOrderWs("BTC/USDT:USDT", "limit", "buy", 0.01, 1);
    order.catch(nothing);
    expect(await failed.promise).toBe("cannot be sent to (Error)");
    const said = server.said.slice(before).map((text) => JSON.parse(text).op);
    expect(said.filter((op) => op !== "auth")).toEqual([]);
    await exchange.close();
  });

  test("lets no promise that nobody waits for bring the process down", async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown) => void unhandled.push(error);
    process.on("unhandledRejection", note);
    const exchange = await open(bybit, BYBIT_KEY);
    const nothing = () => undefined;
    dressSockets(exchange, {
      isAllowed: () => true,
      ...{ connected: nothing, message: nothing, heard: nothing, failed: nothing },
    });
    const socket = exchange.client(
      `${server.proxyUrl.replace("http", "ws")}wss/stream.bybit.com/x`,
    );
    socket.future("something");
    socket.reset(new Error("gone"));
    await Bun.sleep(20);
    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
  });

  test("prints neither its key nor its secret", async () => {
    const exchange = await open(bybit, BYBIT_KEY);
    expect(Bun.inspect(exchange) + JSON.stringify(exchange)).not.toContain(BYBIT_KEY.secret);
  });

  test("asks for Binance's listen key and nothing else that changes something", async () => {
    const exchange = await open(binance, BINANCE_KEY);
    const before = server.seen.length;
    await exchange.fetch("https://fapi.binance.com/fapi/v1/order", "POST").catch(() => undefined);
    await exchange
      .fetch("https://fapi.binance.com/fapi/v1/order?x=/listenKey", "POST")
      .catch(() => undefined);
    expect(server.seen.length).toBe(before);
    await exchange
      .fetch("https://fapi.binance.com/fapi/v1/listenKey", "PUT")
      .catch(() => undefined);
    expect(server.seen.slice(before).map(({ url }) => url.pathname)).toEqual([
      "/fapi/v1/listenKey",
    ]);
  });
});

describe("the host of a stream", () => {
  const loopback = "http://127.0.0.1:4000/";

  test("is the venue's own, also when a simulator stands in for it", () => {
    expect(streamHost("wss://stream.bybit.com/v5/private", "")).toBe("stream.bybit.com");
    expect(streamHost("wss://ws.okx.com:8443/ws/v5/public", "")).toBe("ws.okx.com");
    expect(streamHost("ws://127.0.0.1:4000/wss/stream.bybit.com/v5", loopback)).toBe(
      "stream.bybit.com",
    );
  });

  test("is none without encryption, or where no simulator was named", () => {
    expect(streamHost("ws://stream.bybit.com/v5/private", "")).toBeNull();
    expect(streamHost("ws://127.0.0.1:4000/wss/stream.bybit.com/v5", "")).toBeNull();
    expect(streamHost("not a url", "")).toBeNull();
  });
});
