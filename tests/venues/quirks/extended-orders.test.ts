import { afterEach, describe, expect, test } from "bun:test";
import { dec, ONE } from "#src/core/decimal.ts";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { openExchange } from "#src/venues/ccxt/open-exchange.ts";
import { RequestGate } from "#src/venues/gate/request-gate.ts";
import { extended } from "#src/venues/quirks/extended.ts";
import { guarded, guardedCancel, guardedCancelAll } from "#tests/support/guarded-orders.ts";
import type { Answers, DocumentedVenue } from "#tests/support/venues/documented-venue.ts";
import {
  EXTENDED_KEY,
  EXTENDED_STARK_KEY,
  extendedError,
  extendedMarketRow,
  extendedOrder,
  ok,
  startExtended,
} from "#tests/support/venues/extended-documents.ts";
import { jsonReply, startLoopback } from "#tests/support/venues/loopback.ts";

const ORDER = "/api/v1/user/order";
const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()));
});

async function saying(answers: Answers = {}, over = {}): Promise<DocumentedVenue> {
  const documented = await startExtended(answers, over);
  running.push(documented);
  return documented;
}

async function placed(over: Parameters<typeof extendedOrder>[0] = {}, options = {}) {
  const { venue, asked } = await saying({}, options);
  const [instrument] = await venue.data.instruments();
  const request = extendedOrder(over);
  const outcome = await venue.trading.place(guarded(request, instrument));
  const bodies = asked(ORDER).map(({ body }) => JSON.parse(body));
  return { request, outcome, bodies, body: bodies[0], asked };
}

describe("an order to Extended", () => {
  test("carries our own words: id, amount, price also when immediate (Q8), fence, reduce-only", async () => {
    const { request, body, outcome } = await placed({ reduceOnly: true, side: "sell" });

    expect(outcome).toMatchObject({ kind: "ack", order: { venueOrderId: "2051479786538188800" } });
    expect(body).toMatchObject({
      ...{ id: "Hextended1o0n1x1", market: "BTC-USD", type: "LIMIT", side: "SELL" },
      ...{ qty: "0.00123", price: "77300.1", timeInForce: "IOC", reduceOnly: true },
      ...{ postOnly: false, expiryEpochMillis: request.expiresAt },
      settlement: { starkKey: EXTENDED_STARK_KEY, collateralPosition: "10002" },
    });
  });

  test.each([
    ["gtc", "GTT", false],
    ["postOnly", "GTT", true],
  ] as const)("that is %s rests until its fence", async (timeInForce, wire, postOnly) => {
    const { request, body } = await placed({ timeInForce });

    const expiryEpochMillis = request.expiresAt;
    expect(body).toMatchObject({ timeInForce: wire, postOnly, expiryEpochMillis });
  });

  test("pays no builder, and its signed fee has none in it (Q6)", async () => {
    const { body } = await placed();

    expect(Object.keys(body).filter((name) => /builder|broker|refer|partner/i.test(name))).toEqual(
      [],
    );
    expect(body.fee).toBe("0.0005");
  });

  test("pays a builder when the owner chose to", async () => {
    const { body } = await placed({}, { builderFeeRate: "0.0001" });

    expect(body).toMatchObject({ builderFee: "0.0001", builderId: "257624" });
  });

  test("has a nonce of its own id: two equal orders of one second are two, one sent again is one", async () => {
    const first = (await placed({ clientOrderId: "Hextended1o0n1x1" })).body;
    const again = (await placed({ clientOrderId: "Hextended1o0n1x1" })).body;
    const second = (await placed({ clientOrderId: "Hextended1o0n1x2" })).body;

    expect(again.nonce).toBe(first.nonce);
    expect(second.nonce).not.toBe(first.nonce);
    expect(Number(first.nonce)).toBeWithin(1, 2 ** 31);
  });

  test.each(["0.0001", "0.00011", "0.12345", "123.45678", "0.1", "7"])(
    "has exactly the amount %s on the wire",
    async (size) => {
      expect((await placed({ size, limit: "100" })).body.qty).toBe(size);
    },
  );

  test.each(["77300.1", "0.1", "100000", "99999.9", "12345.6"])(
    "has exactly the price %s on the wire",
    async (limit) => {
      expect((await placed({ limit })).body.price).toBe(limit);
    },
  );

  test("asks for nothing but the account's number before the first order", async () => {
    const { asked, bodies } = await placed();

    expect(asked("/api/v1/user/account/info")).toHaveLength(1);
    expect(asked("/api/v1/info/assets")).toEqual([]);
    expect(bodies).toHaveLength(1);
  });
});

/** Signatures from the tests of the venue's own Python SDK (x10xchange/python_sdk, MIT). */
const SDK_SIGNATURES = [
  [
    "sell",
    "0x604ef07147d4251385eaaa630e6a71db8f0a8c7cb33021c98698047db80edfa",
    "0x6c707d9a06604d3f8ffd34378bf4fce7c0aaf50cba4cf37c3525c323106cda5",
  ],
  [
    "buy",
    "0xa55625c7d5f1b85bed22556fc805224b8363074979cf918091d9ddb1403e13",
    "0x504caf634d859e643569743642ccf244434322859b2421d76f853af43ae7a46",
  ],
] as const;

describe("the signature of an order", () => {
  test.each(SDK_SIGNATURES)(
    "to %s is the one that the venue's own SDK makes",
    async (side, r, s) => {
      const fine = { ...extendedMarketRow().tradingConfig, minPriceChange: "0.0001" };
      const market = extendedMarketRow({ tradingConfig: fine });
      const bodies: string[] = [];
      const server = startLoopback({
        handle({ url, body }) {
          if (url.pathname === ORDER) bodies.push(body);
          if (url.pathname === "/api/v1/info/markets") return jsonReply(ok([market]));
          const account = { l2Key: EXTENDED_STARK_KEY, l2Vault: "10002" };
          return jsonReply(ok(url.pathname === ORDER ? { id: "1" } : account));
        },
      });
      running.push(server);
      const clock = createSystemClock();
      const exchange = await openExchange({
        ...{ quirks: extended, mode: "testnet", credentials: EXTENDED_KEY },
        gate: new RequestGate({ name: "Extended", clock, perSecond: 1_000, burst: 1_000 }),
        wire: { clock, aheadMs: () => 0, loopback: server.proxyUrl },
      });
      const driver = extended.create({ exchange, mode: "testnet", builderFeeRate: null });
      exchange.nonce = () => 1_473_459_052;
      await exchange.loadMarkets();
      const of = driver.list(exchange.market("BTC/USDC:USDC"));
      if (!of) throw new Error("not listed");

      await driver.place(of, {
        request: extendedOrder({ side, timeInForce: "gtc" }),
        ...{ wireId: "any", amount: "0.001", price: "43445.1168" },
        ...{ lifeMs: 10_000, expiresAt: 1_705_626_536_861 },
      });

      const [{ settlement, price, qty }] = bodies.map((body) => JSON.parse(body));
      expect({ price, qty }).toEqual({ price: "43445.1168", qty: "0.001" });
      expect(settlement.signature).toEqual({ r, s });
    },
  );
});

const REPORT = {
  // Beyond what a JS number can hold.
  id: "OVER",
  ...{ externalId: "Hextended1o0n1x1", accountId: 1, market: "BTC-USD", status: "FILLED" },
  ...{ type: "LIMIT", side: "BUY", price: "39000", averagePrice: "39000", qty: "0.2" },
  ...{ filledQty: "0.2", payedFee: "0.012", reduceOnly: false, postOnly: false },
  ...{ createdTime: 1_701_563_440_000, updatedTime: 1_701_563_440_000, timeInForce: "IOC" },
};

/** Ids as the venue sends them: numbers that JSON.parse would round. */
function withBigIds(data: unknown): Response {
  return new Response(JSON.stringify(data).replaceAll('"OVER"', "1784963886257016833"), {
    headers: { "content-type": "application/json" },
  });
}

const TRADE = {
  ...{ id: 11, orderId: "OVER", externalId: "Hextended1o0n1x1", accountId: 1, market: "BTC-USD" },
  ...{ side: "BUY", price: "39000", qty: "0.2", value: "7800", fee: "1.3", tradeType: "TRADE" },
  ...{ isTaker: true, createdTime: 1_701_563_440_123 },
};

describe("an order that Extended is asked after", () => {
  const external = `GET /api/v1/user/orders/external/Hextended1o0n1x1`;
  const byId = "GET /api/v1/user/orders/1784963886257016833";

  test("is found by our id, with its fills, and its long number is not rounded", async () => {
    const { venue, asked } = await saying({
      [external]: () => withBigIds(ok([REPORT])),
      [byId]: () => withBigIds(ok(REPORT)),
      "GET /api/v1/user/trades": () =>
        withBigIds(ok([TRADE, { ...TRADE, id: 10, orderId: 7, externalId: "another" }])),
    });

    expect(await venue.account.lookupOrder("BTC-USD", "Hextended1o0n1x1")).toMatchObject({
      kind: "found",
      order: { status: "filled", venueOrderId: "1784963886257016833", side: "buy" },
      fills: [{ tradeId: "11", clientOrderId: "Hextended1o0n1x1", liquidity: "taker" }],
    });
    expect(asked("/api/v1/user/trades")[0]?.url.searchParams.get("market")).toBe("BTC-USD");
  });

  test.each([
    ["NEW", "open"],
    ["PARTIALLY_FILLED", "open"],
    ["CANCELLED", "cancelled"],
    ["REJECTED", "cancelled"],
    ["EXPIRED", "cancelled"],
  ] as const)("and is %s there is %s here", async (status, ours) => {
    const { venue } = await saying({
      [external]: () => withBigIds(ok([{ ...REPORT, status }])),
      [byId]: () => withBigIds(ok(REPORT)),
      "GET /api/v1/user/trades": ok([]),
    });

    expect(await venue.account.lookupOrder("BTC-USD", "Hextended1o0n1x1")).toMatchObject({
      order: { status: ours },
    });
  });

  test.each([
    ["an empty list", ok([])],
    ["its own 404", () => extendedError(1142, 404, "Order not found")],
  ])("is not found when the answer is %s, by the venue's own clock", async (_, answer) => {
    const { venue } = await saying({
      [external]: answer,
      "GET /api/v1/info/markets/BTC-USD/stats": () =>
        jsonReply(ok({}), 200, { date: "Sun, 26 Apr 2026 10:00:00 GMT" }),
    });

    const found = await venue.account.lookupOrder("BTC-USD", "Hextended1o0n1x1");

    if (found.kind !== "notFound") throw new Error("found");
    expect(Date.parse("2026-04-26T10:00:00Z") - found.venueTime).toBeWithin(0, 2_000);
  });

  test.each([
    ["somebody else's 404", () => new Response("<html>404</html>", { status: 404 })],
    ["an error", () => extendedError(1006, 500)],
    ["a state that we do not know", ok([{ ...REPORT, id: 1, status: "PONDERING" }])],
    [
      "two orders",
      ok([
        { ...REPORT, id: 1 },
        { ...REPORT, id: 2 },
      ]),
    ],
  ])("proves nothing with %s", async (_, answer) => {
    const { venue } = await saying({ [external]: answer });

    await expect(venue.account.lookupOrder("BTC-USD", "Hextended1o0n1x1")).rejects.toThrow(
      "Extended",
    );
  });
});

describe("Extended's fills", () => {
  const at = 1_701_563_440_000;
  const fill = (id: number, createdTime: number, over = {}) => ({
    ...{ ...TRADE, id, orderId: id, createdTime },
    ...over,
  });

  test("are read to the last page, also when a millisecond lies on two", async () => {
    const pages: Record<string, unknown> = {
      "": ok([fill(9, at + 5), fill(8, at + 1)], 8),
      "8": ok([fill(7, at + 1), fill(6, at)], 6),
      "6": ok([fill(5, at - 1), fill(4, at - 2)], 4),
    };
    const { venue, asked } = await saying({
      "GET /api/v1/user/trades": ({ url }: { url: URL }) =>
        pages[url.searchParams.get("cursor") ?? ""] ?? ok([fill(1, at)]),
    });

    const fills = await venue.account.fills(at);

    expect(fills.map((one) => one.tradeId).toSorted()).toEqual(["6", "7", "8", "9"]);
    expect(asked("/api/v1/user/trades")).toHaveLength(3);
  });

  test("say what made them, who they were for and what they cost", async () => {
    const { venue } = await saying({
      "GET /api/v1/user/trades": ok([
        fill(3, at, { tradeType: "DELEVERAGE", externalId: undefined, side: "SELL" }),
        fill(2, at, { tradeType: "LIQUIDATION", fee: "2" }),
        fill(1, at, { isTaker: false, fee: "-0.1" }),
      ]),
    });

    expect(await venue.account.fills(at)).toMatchObject([
      { cause: "deleveraging", clientOrderId: "", side: "sell" },
      { cause: "liquidation" },
      { cause: "order", liquidity: "maker", clientOrderId: "Hextended1o0n1x1" },
    ]);
  });

  test("of a kind that we do not know are not guessed", async () => {
    const { venue } = await saying({
      "GET /api/v1/user/trades": ok([fill(1, at, { tradeType: "GIFT" })]),
    });

    await expect(venue.account.fills(at)).rejects.toThrow("GIFT");
  });

  test("with a cursor that goes round are not read for ever", async () => {
    const { venue } = await saying({ "GET /api/v1/user/trades": ok([fill(1, at)], 1) });

    await expect(venue.account.fills(at)).rejects.toThrow("same page");
  });
});

describe("taking orders off Extended's book", () => {
  test("names one order by our id", async () => {
    const { venue, server } = await saying({ [`DELETE ${ORDER}`]: { status: "OK" } });
    await venue.data.instruments();

    expect(await venue.trading.cancel(guardedCancel(extendedOrder()))).toMatchObject({
      kind: "ack",
    });
    expect(server.seen.at(-1)?.url.search).toBe("?externalId=Hextended1o0n1x1");
  });

  test("takes all of one market, not all of the account", async () => {
    const path = "/api/v1/user/order/massCancel";
    const { venue, asked } = await saying({ [`POST ${path}`]: ok({}) });
    await venue.data.instruments();

    await venue.trading.cancelAll(guardedCancelAll(extendedOrder()));

    expect(asked(path).map(({ body }) => JSON.parse(body))).toEqual([{ markets: ["BTC-USD"] }]);
  });
});

describe("leverage on Extended", () => {
  test("is set as it is wanted", async () => {
    const path = "/api/v1/user/leverage";
    const { venue, asked } = await saying({ [`PATCH ${path}`]: ok({}) });
    const [instrument] = await venue.data.instruments();
    if (!instrument) throw new Error("nothing is listed");
    const of = { instrument, ccxtSymbol: "BTC/USDC:USDC", priceUnit: ONE, info: {} };

    await venue.driver.setLeverage?.(of, dec("3.9"));

    expect(JSON.parse(asked(path)[0]?.body ?? "{}")).toMatchObject({
      market: "BTC-USD",
      leverage: "3.9",
    });
  });
});
