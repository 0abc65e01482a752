import { afterAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { dec } from "#src/core/decimal.ts";
import type { Instrument } from "#src/core/instrument.ts";
import type { OrderRequest } from "#src/core/order.ts";
import { baseSize, price } from "#src/core/units.ts";
import type { Venue } from "#src/ports/venue.ts";
import { hyperliquid } from "#src/venues/quirks/hyperliquid.ts";
import {
  guarded,
  guardedCancel,
  guardedCancelAll,
  orderRequest,
} from "#tests/support/guarded-orders.ts";
import { shortly } from "#tests/support/paper-rig.ts";
import { createSteadyMarket } from "#tests/support/steady-market.ts";
import {
  createHyperliquidRig,
  type HyperliquidRigOptions,
  OWNER_KEY,
  STRANGER_KEY,
  signedRequests,
} from "#tests/support/venues/hyperliquid-rig.ts";
import { BTC, mustList } from "#tests/support/venues/hyperliquid-scripted.ts";
import { hyperliquidSigner } from "#tests/support/venues/hyperliquid-signer.ts";

const stops: (() => Promise<void>)[] = [];
afterAll(async () => {
  await Promise.all(stops.map((stop) => stop()));
});

let count = 0;

async function rig(options: HyperliquidRigOptions = {}) {
  const made = await createHyperliquidRig(options);
  stops.push(() => made.server.stop());
  const [instrument] = await made.venue.data.instruments();
  if (!instrument) throw new Error("nothing listed");
  const before = made.server.seen.length;
  return { ...made, instrument, since: () => made.server.seen.slice(before) };
}

function order(over: Parameters<typeof orderRequest>[0] = {}): OrderRequest {
  count += 1;
  return orderRequest({
    ...{ venue: "hyperliquid", symbol: "BTC", clientOrderId: `Hhyper${process.pid}x${count}` },
    ...{ size: "0.01", limit: "60100", expiresAt: Date.now() + 10_000 },
    ...over,
  });
}

function place(venue: Venue, request: OrderRequest, instrument: Instrument) {
  return venue.trading.place(guarded(request, instrument));
}

describe("an order", () => {
  test("is one request, also the first one: no referrer, no builder, no look at the account (Q6)", async () => {
    const { venue, instrument, server, since } = await rig();
    const request = order();
    expect(shortly(await place(venue, request, instrument))).toBe("ack filled");
    expect(shortly(await place(venue, order({ side: "sell", limit: "59900" }), instrument))).toBe(
      "ack filled",
    );
    expect(since().map((one) => one.url.pathname)).toEqual(["/exchange", "/exchange"]);
    const [first] = signedRequests(server);
    expect(first?.["action"]).toEqual({
      type: "order",
      orders: [
        {
          ...{ a: 0, b: true, p: "60100", s: "0.01", r: false, t: { limit: { tif: "Ioc" } } },
          c: hyperliquid.wireIdOf(request.clientOrderId),
        },
      ],
      grouping: "na",
    });
    expect(Object.keys(first ?? {}).toSorted()).toEqual([
      ...["action", "expiresAfter", "nonce", "signature"],
    ]);
  });

  test("carries its fence in what is signed", async () => {
    const { venue, instrument, server } = await rig();
    const request = order();
    await place(venue, request, instrument);
    const [sent] = signedRequests(server);
    expect(sent?.["expiresAfter"]).toBe(request.expiresAt);
    const signed = sent as unknown as Parameters<typeof hyperliquidSigner>[0];
    const { expiresAfter: _fence, ...without } = signed;
    const agent = hyperliquidSigner(signed, false);
    expect(hyperliquidSigner(without, false)).not.toBe(agent);
    const later = { ...signed, expiresAfter: request.expiresAt + 1 };
    expect(hyperliquidSigner(later, false)).not.toBe(agent);
  });

  test("keeps its own fence and its own nonce when many leave at once", async () => {
    const { venue, instrument, server } = await rig();
    const requests = Array.from({ length: 30 }, (_, index) =>
      order({ expiresAt: Date.now() + 10_000 + index, timeInForce: "gtc", limit: "59000" }),
    );
    const outcomes = await Promise.all(requests.map((one) => place(venue, one, instrument)));
    expect(new Set(outcomes.map(shortly))).toEqual(new Set(["ack open"]));
    const sent = signedRequests(server);
    const fences = new Map(
      requests.map((one) => [hyperliquid.wireIdOf(one.clientOrderId), one.expiresAt]),
    );
    for (const { action, expiresAfter } of sent) {
      const [only] = (action as { readonly orders: readonly { readonly c: string }[] }).orders;
      expect(expiresAfter).toBe(fences.get(only?.c ?? ""));
    }
    const nonces = sent.map((one) => Number(one["nonce"]));
    expect(new Set(nonces).size).toBe(requests.length);
  });

  test.each([
    ["gtc", "Gtc"],
    ["postOnly", "Alo"],
  ] as const)("%s goes as %s and rests", async (timeInForce, tif) => {
    const { venue, instrument, server } = await rig();
    const resting = order({ timeInForce, limit: "59000" });
    expect(shortly(await place(venue, resting, instrument))).toBe("ack open");
    expect(JSON.stringify(signedRequests(server)[0])).toContain(`"tif":"${tif}"`);
    expect((await venue.account.openOrders())[0]).toMatchObject({
      ...{ clientOrderId: resting.clientOrderId, status: "open", reduceOnly: false },
    });
  });

  test("that only reduces says so on the wire", async () => {
    const { venue, instrument, server } = await rig();
    await place(venue, order(), instrument);
    const close = order({ side: "sell", limit: "59900", reduceOnly: true });
    expect(shortly(await venue.trading.place(guarded(close)))).toBe("ack filled");
    expect(JSON.stringify(signedRequests(server)[1])).toContain(`"r":true`);
    expect(await venue.account.positions()).toEqual([]);
  });

  test("has its amount and price on the wire exactly as they were", async () => {
    const { venue, instrument, server } = await rig();
    const lots = fc.integer({ min: 1, max: 99 });
    const prices = fc.integer({ min: 20_000, max: 59_999 });
    await fc.assert(
      fc.asyncProperty(lots, prices, async (lot, limit) => {
        const size = dec(String(lot)).times("0.001").toFixed();
        const before = signedRequests(server).length;
        const request = order({ size, limit: String(limit), timeInForce: "postOnly" });
        await place(venue, request, instrument);
        const sent = JSON.stringify(signedRequests(server)[before]);
        expect(sent).toContain(`"p":"${limit}","s":"${size}"`);
      }),
      { numRuns: 40 },
    );
  });

  test("is paid for by nobody's builder unless the owner said so", async () => {
    const { venue, instrument, server } = await rig({ builderFeeRate: "0.0001" });
    await place(venue, order(), instrument);
    const [sent] = signedRequests(server);
    expect(sent?.["action"]).toMatchObject({ type: "order", builder: { f: 10 } });
    expect(signedRequests(server)).toHaveLength(1);
  });

  test.each([
    ["in live mode as mainnet's", "live", "api.hyperliquid.xyz"],
    ["in testnet mode as testnet's", "testnet", "api.hyperliquid-testnet.xyz"],
  ] as const)("is signed %s", async (_how, mode, host) => {
    const { venue, instrument, since } = await rig({ mode });
    expect(shortly(await place(venue, order(), instrument))).toBe("ack filled");
    expect(since().map((one) => one.url.hostname)).toEqual([host]);
  });

  test("of the owner's own key is taken, of a stranger's is refused", async () => {
    const owner = await rig({ privateKey: OWNER_KEY });
    expect(shortly(await place(owner.venue, order(), owner.instrument))).toBe("ack filled");
    const stranger = await rig({ privateKey: STRANGER_KEY });
    expect(shortly(await place(stranger.venue, order(), stranger.instrument))).toBe(
      "refused UNAUTHORISED",
    );
    expect(stranger.server.engine.state.orders.size).toBe(0);
  });

  test("is refused by its own status in an answer that says ok", async () => {
    const { venue, instrument } = await rig({ startingCashUsd: "1000" });
    const large = order({ size: "0.5" });
    expect(shortly(await place(venue, large, instrument))).toBe("refused INSUFFICIENT_MARGIN");
    const nothing = order({ limit: "59000" });
    expect(shortly(await place(venue, nothing, instrument))).toBe("refused MARKET_UNAVAILABLE");
    const taker = order({ timeInForce: "postOnly" });
    expect(shortly(await place(venue, taker, instrument))).toBe("refused WOULD_TAKE");
    const closes = await venue.trading.place(guarded(order({ reduceOnly: true })));
    expect(shortly(closes)).toBe("refused REDUCE_ONLY_WOULD_INCREASE");
  });

  test("that was executed but not answered is unknown, and found by our id", async () => {
    const { venue, instrument, server } = await rig();
    const reply = () => new Response("<html>bad gateway</html>", { status: 502 });
    server.faults.next({ path: "/exchange", execute: true, reply });
    const request = order();
    expect(shortly(await place(venue, request, instrument))).toBe("unknown");
    const found = await venue.account.lookupOrder("BTC", request.clientOrderId);
    expect(found).toMatchObject({
      kind: "found",
      order: { clientOrderId: request.clientOrderId, status: "filled" },
    });
  });
});

describe("a cancel", () => {
  test("names the order by our id and is one request", async () => {
    const { venue, instrument, server, since } = await rig();
    const resting = order({ timeInForce: "gtc", limit: "59000" });
    await place(venue, resting, instrument);
    expect(await venue.trading.cancel(guardedCancel(resting))).toMatchObject({ kind: "ack" });
    expect(since()).toHaveLength(2);
    expect(signedRequests(server)[1]?.["action"]).toEqual({
      type: "cancelByCloid",
      cancels: [{ asset: 0, cloid: hyperliquid.wireIdOf(resting.clientOrderId) }],
    });
    const again = await venue.trading.cancel(guardedCancel(resting));
    expect(shortly(again as never)).toBe("refused UNKNOWN_ORDER");
  });

  test("of everything is one signed request, and none when nothing rests", async () => {
    const { venue, instrument, server } = await rig();
    const request = order({ timeInForce: "gtc", limit: "59000" });
    await place(venue, request, instrument);
    await place(venue, order({ timeInForce: "gtc", limit: "58000" }), instrument);
    expect(await venue.trading.cancelAll(guardedCancelAll(request))).toEqual({ kind: "ack" });
    expect(signedRequests(server)).toHaveLength(3);
    expect(await venue.account.openOrders()).toEqual([]);
    expect(await venue.trading.cancelAll(guardedCancelAll(request))).toEqual({ kind: "ack" });
    expect(signedRequests(server)).toHaveLength(3);
  });

  test("of everything is done when one of them was gone already", async () => {
    const { venue, instrument, server } = await rig();
    const request = order({ timeInForce: "gtc", limit: "59000" });
    await place(venue, request, instrument);
    const statuses = [
      "success",
      { error: "Order was never placed, already canceled, or filled. asset=0" },
    ];
    server.faults.next({
      path: "/exchange",
      execute: true,
      reply: () =>
        Response.json({ status: "ok", response: { type: "cancel", data: { statuses } } }),
    });
    expect(await venue.trading.cancelAll(guardedCancelAll(request))).toEqual({ kind: "ack" });
  });
});

test("leaves a price that the mark's own grid allows rounded to our side, not to ccxt's", async () => {
  const cheap = { price: "9999", instrument: { symbol: "BTC", priceTick: price("0.1") } };
  const feed = createSteadyMarket({ steady: cheap });
  const { venue, instrument, server } = await rig({ feed });
  expect(instrument.priceTick.toFixed()).toBe("0.1");
  await place(venue, order({ size: "0.1", limit: "10000.6" }), instrument);
  expect(JSON.stringify(signedRequests(server)[0])).toContain(`"p":"10000"`);
});

test("sets an instrument's leverage in whole steps, and reads it back", async () => {
  const { venue, server } = await rig();
  const of = mustList(venue.driver, BTC);
  await venue.driver.setLeverage?.(of, dec("7"));
  expect(signedRequests(server)[0]?.["action"]).toEqual({
    ...{ type: "updateLeverage", asset: 0, isCross: true, leverage: 7 },
  });
  expect((await venue.account.setup("BTC")).leverage?.toFixed()).toBe("7");
  const alone = mustList(venue.driver, { ...BTC, onlyIsolated: true });
  await venue.driver.setLeverage?.(alone, dec("3"));
  expect((await venue.account.setup("BTC")).marginMode).toBe("isolated");
  const broken = venue.driver.setLeverage?.(of, dec("2.5"));
  await expect(broken).rejects.toThrow("whole number");
  expect(signedRequests(server)).toHaveLength(2);
});

test("counts an order in thousands of PEPE as the venue does", async () => {
  const market = {
    price: "0.00001",
    depth: "100000000000",
    instrument: {
      ...{ symbol: "kPEPE", asset: "PEPE", contractSizeBase: baseSize("1000") },
      ...{ lotStepBase: baseSize("1000"), minSizeBase: baseSize("1000") },
      priceTick: price("0.000000001"),
    },
  };
  const { venue, instrument, server } = await rig({
    feed: createSteadyMarket({ steady: market }),
  });
  const request = order({ symbol: "kPEPE", size: "2000000", limit: "0.000010005" });
  expect(shortly(await place(venue, request, instrument))).toBe("ack filled");
  expect(JSON.stringify(signedRequests(server)[0])).toContain(`"p":"0.010005","s":"2000"`);
  expect((await venue.account.positions())[0]?.sizeBase.toFixed()).toBe("2000000");
});
