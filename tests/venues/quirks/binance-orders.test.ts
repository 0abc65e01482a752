import { afterEach, describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { dec } from "#src/core/decimal.ts";
import { price } from "#src/core/units.ts";
import { guarded, guardedCancel, orderRequest } from "#tests/support/guarded-orders.ts";
import { shortly } from "#tests/support/paper-rig.ts";
import { createSteadyMarket } from "#tests/support/steady-market.ts";
import { BINANCE_KEY, createBinanceRig } from "#tests/support/venues/binance-rig.ts";
import { htmlReply } from "#tests/support/venues/loopback.ts";

type Rig = Awaited<ReturnType<typeof createBinanceRig>>;
const rigs: Rig[] = [];
let count = 0;

afterEach(async () => {
  await Promise.all(rigs.splice(0).map((rig) => rig.server.stop()));
});

describe("an order on its way to Binance", () => {
  test("says what we said, and nothing else", async () => {
    const rig = await makeRig();
    const request = await crossing(rig, "BTCUSDT", "0.004");
    await place(rig, request);
    const { signature, timestamp, recvWindow, ...rest } = await orderSent(rig);
    expect(rest).toEqual({
      ...{ symbol: "BTCUSDT", side: "BUY", type: "LIMIT", timeInForce: "IOC" },
      ...{ quantity: "0.004", price: request.limitPrice.toFixed() },
      ...{ newClientOrderId: request.clientOrderId, newOrderRespType: "RESULT" },
    });
    expect(Number(timestamp) + Number(recvWindow)).toBe(request.expiresAt);
    const body = rig.server.seen.findLast(({ method }) => method === "POST")?.body ?? "";
    const signed = body.slice(0, body.indexOf("&signature="));
    expect(signature).toBe(createHmac("sha256", BINANCE_KEY.secret).update(signed).digest("hex"));
  });

  test("keeps every digit of a price and a size in thousands", async () => {
    const rig = await makeRig();
    const request = await crossing(rig, "1000PEPEUSDT", "3000000");
    expect(shortly(await place(rig, request))).toBe("ack filled");
    const sent = await orderSent(rig);
    expect(sent["quantity"]).toBe("3000");
    expect(sent["price"]).toBe(request.limitPrice.times("1000").toFixed());
    const [position] = await rig.venue.account.positions();
    expect(position?.sizeBase.toFixed()).toBe("3000000");
  });

  test("says reduce-only where it is, and rests or posts where it should", async () => {
    const rig = await makeRig();
    const { instrument, ...entry } = await crossing(rig, "BTCUSDT", "0.004");
    await place(rig, { ...entry, instrument });
    const book = await rig.venue.data.orderBook("BTCUSDT");
    const limitPrice = book.asks[5]?.price ?? entry.limitPrice;
    const exit = { ...entry, instrument, side: "sell" as const, limitPrice, reduceOnly: true };
    await place(rig, { ...exit, timeInForce: "gtc", clientOrderId: freshId() });
    expect(await orderSent(rig)).toMatchObject({ reduceOnly: "true", timeInForce: "GTC" });
    await place(rig, { ...exit, timeInForce: "postOnly", clientOrderId: freshId() });
    expect(await orderSent(rig)).toMatchObject({ reduceOnly: "true", timeInForce: "GTX" });
  });

  test("is never valid for longer than Binance allows, nor than its fence", async () => {
    const rig = await makeRig();
    const request = await crossing(rig, "BTCUSDT", "0.004");
    await place(rig, { ...request, expiresAt: Date.now() + 600_000 });
    const { timestamp, recvWindow } = await orderSent(rig);
    expect(recvWindow).toBe("60000");
    expect(Math.abs(Number(timestamp) - Date.now())).toBeLessThan(2_000);
  });

  test("is refused by the venue when it arrives after its fence", async () => {
    let lateBy = 0;
    const rig = await makeRig({ ahead: () => lateBy });
    const request = await crossing(rig, "BTCUSDT", "0.004");
    lateBy = 20_000;
    expect(shortly(await place(rig, request))).toBe("refused EXPIRED");
  });

  test("is over when it was cut short, with the part that filled", async () => {
    const instrument = { symbol: "BTCUSDT" };
    const feed = createSteadyMarket({ "binance-sim": { depth: "0.005", instrument } });
    const rig = await makeRig({ server: { feed } });
    const request = await crossing(rig, "BTCUSDT", "0.1");
    expect(shortly(await place(rig, request))).toBe("ack cancelled");
    const found = await rig.venue.account.lookupOrder("BTCUSDT", request.clientOrderId);
    if (found.kind !== "found") throw new Error("an order that was taken is not known");
    expect(found.order).toMatchObject({
      status: "cancelled",
      clientOrderId: request.clientOrderId,
    });
    expect(found.order.filledBase.toFixed()).toBe("0.015");
    expect(found.fills.map((fill) => fill.sizeBase.toFixed())).toEqual(["0.005", "0.005", "0.005"]);
  });

  test("still finds its fills when it is older than what Binance lists by itself", async () => {
    const rig = await makeRig();
    const request = await crossing(rig, "BTCUSDT", "0.004");
    await place(rig, request);
    const filledAt = Date.now() - 10 * 86_400_000;
    const { fills } = rig.desk.engine.state;
    fills.splice(0, fills.length, ...fills.map((fill) => ({ ...fill, filledAt })));
    rig.desk.placedAt.set(request.clientOrderId, filledAt);
    const found = await rig.venue.account.lookupOrder("BTCUSDT", request.clientOrderId);
    expect(found).toMatchObject({ kind: "found", fills: [{ filledAt }] });
  });

  test.each(["503 with HTML", "a cut answer"])(
    "is unknown after %s, and is found",
    async (name) => {
      const rig = await makeRig();
      const request = await crossing(rig, "BTCUSDT", "0.004");
      rig.server.faults.next({
        ...{ method: "POST", path: "/fapi/v1/order", execute: true },
        reply: name === "a cut answer" ? "cut" : () => htmlReply(503),
      });
      expect((await place(rig, request)).kind).toBe("unknown");
      const found = await rig.venue.account.lookupOrder("BTCUSDT", request.clientOrderId);
      expect(found).toMatchObject({ kind: "found", order: { status: "filled" } });
      const orders = rig.server.seen.filter(({ method }) => method === "POST");
      expect(orders).toHaveLength(1);
    },
  );

  test("has a number beyond 2^53 that loses no digit", async () => {
    const rig = await makeRig();
    const request = await crossing(rig, "BTCUSDT", "0.004");
    const outcome = await place(rig, request);
    if (outcome.kind !== "ack") throw new Error("not taken");
    const { venueOrderId } = outcome.order;
    expect(BigInt(venueOrderId)).toBeGreaterThan(BigInt(Number.MAX_SAFE_INTEGER));
    const [fill] = await rig.venue.account.fills(Date.now() - 60_000);
    expect(fill?.clientOrderId).toBe(request.clientOrderId);
  });
});

test("cancels by our id", async () => {
  const rig = await makeRig();
  const request = await crossing(rig, "BTCUSDT", "0.004");
  const limitPrice = price(request.instrument.priceTick.times("400000"));
  await place(rig, { ...request, limitPrice, timeInForce: "gtc" });
  expect(await rig.venue.trading.cancel(guardedCancel(request))).toEqual({ kind: "ack" });
  const sent = rig.server.seen.findLast(({ method }) => method === "DELETE")?.url.searchParams;
  expect(sent?.get("origClientOrderId")).toBe(request.clientOrderId);
  const again = await rig.venue.trading.cancel(guardedCancel(request));
  expect(again).toMatchObject({ kind: "refused", code: "UNKNOWN_ORDER" });
});

test("sets a whole leverage, and sends nothing for half a one", async () => {
  const rig = await makeRig();
  const listed = await listedOf(rig, "BTCUSDT");
  await rig.driver.setLeverage?.(listed, dec("7"));
  expect((await rig.venue.account.setup("BTCUSDT")).leverage?.toFixed()).toBe("7");
  const before = rig.server.seen.length;
  await expect(rig.driver.setLeverage?.(listed, dec("7.5"))).rejects.toThrow("whole number");
  expect(rig.server.seen.length).toBe(before);
});

test("says nothing of a broker, a referrer or an order of ccxt's own on any request", async () => {
  const rig = await makeRig();
  await place(rig, await crossing(rig, "BTCUSDT", "0.004"));
  await rig.venue.account.openOrders();
  for (const { url, body, headers } of rig.server.seen) {
    expect(`${url.search}${body}`).not.toMatch(/x-(xcKtGhcu|TKT5PX2F|cvBPrNm9)|broker|referr/i);
    expect(JSON.stringify(Object.fromEntries(headers))).not.toMatch(/broker|referer/i);
  }
  expect([...new Set(rig.server.seen.map(({ url }) => url.pathname))].sort()).toEqual([
    ...["/fapi/v1/depth", "/fapi/v1/exchangeInfo", "/fapi/v1/leverageBracket"],
    ...["/fapi/v1/openOrders", "/fapi/v1/order", "/fapi/v1/time"],
  ]);
});

async function makeRig(
  over: Parameters<typeof createBinanceRig>[0] & { readonly ahead?: () => number } = {},
): Promise<Rig> {
  const { ahead = () => 0, ...rest } = over;
  const rig = await createBinanceRig({ ...rest, serverNow: () => Date.now() + ahead() });
  rigs.push(rig);
  return rig;
}

function freshId(): string {
  count += 1;
  return `Hbinance4o0n1x${process.pid}q${count}`;
}

/** An order that takes from the book, whatever its size, and its instrument. */
async function crossing(rig: Rig, symbol: string, size: string) {
  const { instrument } = await listedOf(rig, symbol);
  const best = (await rig.venue.data.orderBook(symbol)).asks[0]?.price;
  if (!best) throw new Error("no book");
  const request = orderRequest({
    ...{ venue: "binance", symbol, size, clientOrderId: freshId() },
    limit: best.plus(instrument.priceTick.times("30")).toFixed(),
    expiresAt: Date.now() + 10_000,
  });
  return { ...request, instrument };
}

function place(rig: Rig, of: Awaited<ReturnType<typeof crossing>>) {
  const { instrument, ...request } = of;
  return rig.venue.trading.place(guarded(request, instrument));
}

async function listedOf(rig: Rig, symbol: string) {
  const listed = (await rig.listings()).get(symbol);
  if (!listed) throw new Error(`no ${symbol}`);
  return listed;
}

async function orderSent(rig: Rig): Promise<Record<string, string>> {
  const sent = rig.server.seen.findLast(({ url }) => url.pathname === "/fapi/v1/order");
  return Object.fromEntries(new URLSearchParams(sent?.body ?? ""));
}
