import { afterEach, describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import type { OrderRequest } from "#src/core/order.ts";
import { hibachi } from "#src/venues/quirks/hibachi.ts";
import {
  guarded,
  guardedCancel,
  guardedCancelAll,
  orderRequest,
} from "#tests/support/guarded-orders.ts";
import { shortly } from "#tests/support/paper-rig.ts";
import {
  HIBACHI_KEY,
  hibachiFailed,
  hibachiOrder,
  hibachiTrade,
  startHibachi,
} from "#tests/support/venues/hibachi-rig.ts";
import { htmlReply, type LoopbackRequest } from "#tests/support/venues/loopback.ts";
import type { Answers, ScriptedVenue } from "#tests/support/venues/scripted-venue.ts";

const rigs: ScriptedVenue[] = [];
afterEach(() => Promise.all(rigs.splice(0).map((rig) => rig.server.stop())));

async function start(over: Answers = {}): Promise<ScriptedVenue> {
  const rig = await startHibachi(over);
  rigs.push(rig);
  return rig;
}

let count = 0;

function order(over: Parameters<typeof orderRequest>[0] = {}): OrderRequest {
  count += 1;
  return orderRequest({
    ...{ venue: "hibachi", symbol: "BTC/USDT-P", clientOrderId: `HhibachiOrder${count}` },
    ...{ size: "0.0100000001", limit: "107999.12345", expiresAt: Date.now() + 10_000 },
    ...over,
  });
}

async function place({ venue }: ScriptedVenue, request: OrderRequest) {
  const instrument = (await venue.data.instruments()).find((one) => one.symbol === request.symbol);
  return venue.trading.place(guarded(request, instrument));
}

type Sent = Readonly<Record<string, unknown>>;
const bodiesIn = (rig: ScriptedVenue, route: string): readonly Sent[] =>
  rig.asked(route).map(({ body }) => JSON.parse(body));
const placedIn = (rig: ScriptedVenue) => bodiesIn(rig, "POST /trade/order");

/** The venue's book of one order: what it is told changes what it says. */
function oneOrder(over: Readonly<Record<string, unknown>> = {}): Answers {
  let now = hibachiOrder(over);
  return {
    "GET /trade/order": () => now,
    "GET /trade/orders": () => (now.status === "PLACED" ? [now] : []),
    "DELETE /trade/order": () => {
      now = { ...now, status: "CANCELLED" };
      return {};
    },
  };
}

describe("an order on Hibachi", () => {
  test("is one request with our digits, its flag and the venue's deadline, and nobody's fee", async () => {
    const rig = await start();
    const request = order();
    await rig.venue.data.instruments();
    const before = rig.server.seen.length;
    expect(shortly(await place(rig, request))).toBe("ack open");
    expect(rig.server.seen.length - before).toBe(1);
    const [sent] = placedIn(rig);
    expect(Object.keys(sent ?? {}).toSorted()).toEqual(
      [
        ...["accountId", "creationDeadline", "maxFeesPercent", "nonce", "orderFlags"],
        ...["orderType", "price", "quantity", "side", "signature", "symbol"],
      ].toSorted(),
    );
    expect(sent).toMatchObject({
      ...{ symbol: "BTC/USDT-P", side: "BID", orderType: "LIMIT", orderFlags: "IOC" },
      ...{ quantity: "0.0100000001", price: "107999.12345" },
      creationDeadline: Math.floor(request.expiresAt / 1_000),
    });
  });

  test("is signed for exactly that size and price", async () => {
    const rig = await start();
    await place(rig, order());
    const [sent] = placedIn(rig);
    // nonce · contract · quantity × 10^10 · side · price × 2^32 × 10^(6-10) · fee × 10^8
    const message = Buffer.alloc(40);
    message.writeBigUInt64BE(BigInt(Number(sent?.["nonce"])), 0);
    message.writeUInt32BE(2, 8);
    message.writeBigUInt64BE(100_000_001n, 12);
    message.writeUInt32BE(1, 20);
    message.writeBigUInt64BE((10_799_912_345n * 2n ** 32n) / 10n ** 9n, 24);
    message.writeBigUInt64BE(45_000n, 32);
    const mac = createHmac("sha256", HIBACHI_KEY.privateKey).update(message).digest("hex");
    expect(sent?.["signature"]).toBe(mac);
    expect(sent?.["maxFeesPercent"]).toBe("0.00045");
  });

  test("has a nonce of its own, also two in one millisecond", async () => {
    const rig = await start();
    await rig.venue.data.instruments();
    await Promise.all([place(rig, order()), place(rig, order()), place(rig, order())]);
    expect(new Set(placedIn(rig).map(({ nonce }) => nonce)).size).toBe(3);
  });

  test("is not sent when its size cannot be signed exactly", async () => {
    const rig = await start();
    const outcome = await place(rig, order({ size: "1000000.5", limit: "0.001" }));
    expect(shortly(outcome)).toBe("refused NOT_SENT");
    expect(placedIn(rig)).toEqual([]);
  });

  test("promises no proof: nothing opens there by itself", () => {
    expect(hibachi.profile.capabilities).toEqual({ provable: false, restingFence: false });
  });
});

describe("an order that closes on Hibachi", () => {
  const close = (over: Parameters<typeof orderRequest>[0] = {}) =>
    order({ reduceOnly: true, side: "sell", size: "0.01", ...over });

  test("is plainly reduce-only: with IOC ccxt would drop it, and a late close would flip (Q5)", async () => {
    const rig = await start(oneOrder({ status: "FILLED", side: "ASK", availableQuantity: "0" }));
    const outcome = await place(rig, close());
    expect(placedIn(rig)[0]).toMatchObject({ orderFlags: "REDUCE_ONLY", side: "ASK" });
    expect(shortly(outcome)).toBe("ack filled");
    expect(outcome.kind === "ack" && outcome.order.filledBase.toFixed()).toBe("0.01");
    expect(rig.asked("DELETE /trade/order")).toEqual([]);
  });

  test("has its rest cancelled at once, as IOC would have", async () => {
    const rig = await start(oneOrder({ side: "ASK", availableQuantity: "0.0040000000" }));
    const outcome = await place(rig, close());
    expect(shortly(outcome)).toBe("ack cancelled");
    expect(outcome.kind === "ack" && outcome.order.filledBase.toFixed()).toBe("0.006");
    expect(bodiesIn(rig, "DELETE /trade/order")).toMatchObject([{ orderId: "589636801329628160" }]);
  });

  test("is taken all the same when what follows it fails, and is ended at the next look", async () => {
    const answers = oneOrder({ side: "ASK", availableQuantity: "0.0040000000" });
    const rig = await start({ ...answers, "GET /trade/order": () => htmlReply(503) });
    const request = close();
    expect(shortly(await place(rig, request))).toBe("ack open");
    expect(rig.asked("DELETE /trade/order")).toEqual([]);
    Object.assign(rig.answers, answers);
    rig.answers["GET /trade/account/trades"] = {
      trades: [
        hibachiTrade({
          ...{ side: "Sell", askOrderId: "589636801329628160", bidOrderId: "1" },
          quantity: "0.006",
        }),
      ],
    };
    const found = await rig.venue.account.lookupOrder(request.symbol, request.clientOrderId);
    if (found.kind !== "found") throw new Error("not found");
    expect([found.order.status, found.order.filledBase.toFixed()]).toEqual(["cancelled", "0.006"]);
    expect(found.fills.map((fill) => fill.clientOrderId)).toEqual([request.clientOrderId]);
  });

  test("is never mistaken for refused by the answer to the cancel of its rest", async () => {
    const rig = await start({
      ...oneOrder({ side: "ASK" }),
      "DELETE /trade/order": () => hibachiFailed(3, "Not found: order ID 33", 404),
    });
    expect((await place(rig, close())).kind).toBe("ack");
  });

  test("rests where it is asked to", async () => {
    const rig = await start(oneOrder());
    expect(shortly(await place(rig, close({ timeInForce: "gtc" })))).toBe("ack open");
    expect(placedIn(rig)[0]).toMatchObject({ orderFlags: "REDUCE_ONLY" });
    expect(rig.asked("DELETE /trade/order")).toEqual([]);
  });

  test("is not sent as post-only, which would drop reduce-only too", async () => {
    const rig = await start();
    expect(shortly(await place(rig, close({ timeInForce: "postOnly" })))).toBe("refused NOT_SENT");
  });
});

describe("what became of an order on Hibachi", () => {
  const look = ({ venue }: ScriptedVenue, { symbol, clientOrderId }: OrderRequest) =>
    venue.account.lookupOrder(symbol, clientOrderId);

  test("is asked by its number when it was acknowledged", async () => {
    const rig = await start(oneOrder({ status: "CANCELLED" }));
    const request = order();
    await place(rig, request);
    expect((await look(rig, request)).kind).toBe("found");
    const query = rig.asked("GET /trade/order").at(-1)?.url.searchParams;
    expect(query?.get("orderId")).toBe("589636801329628160");
  });

  test("is asked by its nonce when the answer to it was lost", async () => {
    const rig = await start({ "POST /trade/order": () => htmlReply(502) });
    const request = order();
    expect((await place(rig, request)).kind).toBe("unknown");
    rig.answers["GET /trade/order"] = hibachiOrder({ status: "CANCELLED" });
    const found = await look(rig, request);
    const query = rig.asked("GET /trade/order").at(-1)?.url.searchParams;
    expect(query?.get("nonce")).toBe(String(placedIn(rig)[0]?.["nonce"]));
    expect(found.kind === "found" && found.order).toMatchObject({
      ...{ clientOrderId: request.clientOrderId, venueOrderId: "589636801329628160" },
    });
  });

  test("is nothing when the venue knows no such nonce", async () => {
    const rig = await start({ "POST /trade/order": () => htmlReply(502) });
    const request = order();
    await place(rig, request);
    expect((await look(rig, request)).kind).toBe("notFound");
  });

  test("of an earlier process cannot be asked, and not be called nothing while anything rests", async () => {
    const rig = await start({ "GET /trade/orders": [hibachiOrder()] });
    await expect(look(rig, order())).rejects.toThrow("may be the one looked for");
    rig.answers["GET /trade/orders"] = [hibachiOrder({ symbol: "ETH/USDT-P" })];
    expect((await look(rig, order())).kind).toBe("notFound");
  });

  test.each([
    ["PENDING", "open", "0"],
    ["PLACED", "open", "0.006"],
    ["PARTIALLY_FILLED", "open", "0.006"],
    ["FILLED", "filled", "0.01"],
    ["CANCELLED", "cancelled", "0.006"],
    ["REJECTED", "cancelled", "0"],
  ])("with %s is %s", async (status, expected, filled) => {
    const left = status === "PENDING" ? "0.01" : status === "REJECTED" ? "0" : "0.004";
    const trade = hibachiTrade({ bidOrderId: "589636801329628160", quantity: filled });
    const rig = await start({
      "GET /trade/order": hibachiOrder({ status, availableQuantity: left }),
      "GET /trade/account/trades": { trades: [trade] },
    });
    const request = order();
    await place(rig, request);
    const found = await look(rig, request);
    if (found.kind !== "found") throw new Error("not found");
    expect([found.order.status as string, found.order.filledBase.toFixed()]).toEqual([
      expected,
      filled,
    ]);
  });

  test("is refused where it has a status that nobody has seen", async () => {
    const rig = await start({ "GET /trade/order": hibachiOrder({ status: "PONDERING" }) });
    const request = order();
    await place(rig, request);
    await expect(look(rig, request)).rejects.toThrow("PONDERING");
  });
});

describe("cancelling on Hibachi", () => {
  test("names the order's number, or its nonce when that is all we know", async () => {
    const rig = await start();
    const known = order({ timeInForce: "gtc" });
    await place(rig, known);
    expect(shortly(await rig.venue.trading.cancel(guardedCancel(known)))).toBe("ack");
    rig.answers["POST /trade/order"] = () => htmlReply(502);
    const lost = order({ timeInForce: "gtc" });
    await place(rig, lost);
    expect(shortly(await rig.venue.trading.cancel(guardedCancel(lost)))).toBe("ack");
    const [byId, byNonce] = bodiesIn(rig, "DELETE /trade/order");
    const nonce = String(placedIn(rig)[1]?.["nonce"]);
    expect(byId).toMatchObject({ orderId: "589636801329628160", accountId: 273 });
    expect(byNonce).toMatchObject({ nonce, accountId: 273 });
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(BigInt(nonce));
    const mac = createHmac("sha256", HIBACHI_KEY.privateKey).update(bytes).digest("hex");
    expect(byNonce?.["signature"]).toBe(mac);
  });

  test("is not sent for an order that cannot be named", async () => {
    const rig = await start();
    await rig.venue.data.instruments();
    const outcome = await rig.venue.trading.cancel(guardedCancel(order()));
    expect(shortly(outcome)).toBe("refused NOT_SENT");
  });

  test("of one that is gone is refused", async () => {
    const gone = () => hibachiFailed(3, "Not found: order ID 33", 404);
    const rig = await start({ "DELETE /trade/order": gone });
    const request = order({ timeInForce: "gtc" });
    await place(rig, request);
    const outcome = await rig.venue.trading.cancel(guardedCancel(request));
    expect(shortly(outcome)).toBe("refused UNKNOWN_ORDER");
  });

  test("all takes each order of that contract off, in one request", async () => {
    const rig = await start({
      "GET /trade/orders": [
        hibachiOrder(),
        hibachiOrder({ orderId: "2", status: "PENDING", triggerPrice: "90000" }),
        hibachiOrder({ orderId: "3", symbol: "ETH/USDT-P" }),
      ],
      "POST /trade/orders": { orders: [{ orderId: "589636801329628160" }, { errorCode: 3 }] },
    });
    await rig.venue.data.instruments();
    expect(shortly(await rig.venue.trading.cancelAll(guardedCancelAll(order())))).toBe("ack");
    const [batch] = bodiesIn(rig, "POST /trade/orders");
    expect(batch?.["orders"]).toMatchObject([
      { action: "cancel", orderId: "589636801329628160" },
      { action: "cancel", orderId: "2" },
    ]);
    expect(rig.asked("DELETE /trade/orders")).toEqual([]);
  });

  test("all is unknown when one of them could not be cancelled", async () => {
    const rig = await start({
      "GET /trade/orders": [hibachiOrder()],
      "POST /trade/orders": { orders: [{ errorCode: 2, message: "Invalid signature" }] },
    });
    await rig.venue.data.instruments();
    const outcome = await rig.venue.trading.cancelAll(guardedCancelAll(order()));
    expect(outcome.kind).toBe("unknown");
  });

  test("all falls back on the venue's own way when the list cannot be read", async () => {
    const rig = await start({
      "GET /trade/orders": () => htmlReply(503),
      "DELETE /trade/orders": {},
    });
    await rig.venue.data.instruments();
    expect(shortly(await rig.venue.trading.cancelAll(guardedCancelAll(order())))).toBe("ack");
    expect(bodiesIn(rig, "DELETE /trade/orders")).toMatchObject([{ contractId: 2 }]);
  });

  test("all shows what rests, whoever placed it", async () => {
    const mine = order({ timeInForce: "gtc" });
    const listed = (_request: LoopbackRequest) => [hibachiOrder(), hibachiOrder({ orderId: "2" })];
    const rig = await start({ "GET /trade/orders": listed });
    await place(rig, mine);
    const resting = await rig.venue.account.openOrders();
    expect(resting.map((one) => [one.venueOrderId, one.clientOrderId])).toEqual([
      ["589636801329628160", mine.clientOrderId],
      ["2", ""],
    ]);
  });
});
