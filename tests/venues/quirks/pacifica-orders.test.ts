import { afterEach, describe, expect, test } from "bun:test";
import { createPublicKey, verify } from "node:crypto";
import { dec, ONE } from "#src/core/decimal.ts";
import { pacifica } from "#src/venues/quirks/pacifica.ts";
import { guarded, guardedCancel, guardedCancelAll } from "#tests/support/guarded-orders.ts";
import type { Answers, DocumentedVenue } from "#tests/support/venues/documented-venue.ts";
import {
  done,
  PACIFICA_AGENT,
  PACIFICA_ORDER_UUID,
  PACIFICA_WALLET,
  PACIFICA_WALLET_KEY,
  pacificaError,
  pacificaOrder,
  startPacifica,
} from "#tests/support/venues/pacifica-documents.ts";

const CREATE = "/api/v1/orders/create";
const running: DocumentedVenue[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()));
});

async function saying(answers: Answers = {}, over = {}): Promise<DocumentedVenue> {
  const documented = await startPacifica(answers, over);
  running.push(documented);
  return documented;
}

async function placed(over: Parameters<typeof pacificaOrder>[0] = {}, options = {}) {
  const { venue, asked, server } = await saying(
    { "POST /api/v1/account/builder_codes/approve": done(null) },
    options,
  );
  const [instrument] = await venue.data.instruments();
  const request = pacificaOrder(over);
  const outcome = await venue.trading.place(guarded(request, instrument));
  const [body] = asked(CREATE).map((one) => JSON.parse(one.body));
  return { request, outcome, body, paths: server.seen.map(({ url }) => url.pathname) };
}

describe("an order to Pacifica", () => {
  test("carries our own words: id, amount, price, reduce-only", async () => {
    const { body, outcome } = await placed({ reduceOnly: true, side: "sell" });

    expect(outcome).toMatchObject({
      kind: "ack",
      order: { venueOrderId: "12345", status: "open" },
    });
    expect(body).toMatchObject({
      ...{ symbol: "BTC", side: "ask", tif: "IOC", amount: "0.00123", price: "106600" },
      ...{ reduce_only: true, client_order_id: PACIFICA_ORDER_UUID },
      ...{ account: PACIFICA_WALLET, agent_wallet: PACIFICA_AGENT },
    });
  });

  test("has its fence in what is signed, to the millisecond and by the venue's clock", async () => {
    const { request, body } = await placed();

    expect(body.timestamp + body.expiry_window).toBe(request.expiresAt);
    expect(body.expiry_window).toBeWithin(1, 10_001);
  });

  test("is signed so that the venue's documented check accepts it", async () => {
    const { body } = await placed();
    const { account: _, signature, timestamp, expiry_window, agent_wallet, ...data } = body;
    // Its own words: type, timestamp, expiry_window and data, keys in order, no spaces.
    const message = sorted({ type: "create_order", timestamp, expiry_window, data });

    expect(await isSigned(message, signature, agent_wallet)).toBe(true);
    expect(await isSigned(message.replace("0.00123", "9.00123"), signature, agent_wallet)).toBe(
      false,
    );
  });

  test.each([
    ["ioc", "IOC"],
    ["gtc", "GTC"],
    ["postOnly", "ALO"],
  ] as const)("that is %s is %s there", async (timeInForce, tif) => {
    expect((await placed({ timeInForce })).body.tif).toBe(tif);
  });

  test("pays no builder and approves none (Q6)", async () => {
    const { body, paths } = await placed();

    expect(JSON.stringify(body)).not.toMatch(/builder|broker|refer|CCXT/i);
    expect(paths).toEqual(["/api/v1/info", CREATE]);
  });

  test("pays a builder when the owner chose to", async () => {
    const { body, paths } = await placed({}, { builderFeeRate: "0.0001" });

    expect(body.builder_code).toBe("CCXT");
    expect(paths).toContain("/api/v1/account/builder_codes/approve");
  });

  test("of a wallet's own key names no agent", async () => {
    const credentials = { walletAddress: PACIFICA_WALLET, privateKey: PACIFICA_WALLET_KEY };

    const { body } = await placed({}, { credentials });

    expect(body).not.toHaveProperty("agent_wallet");
  });

  test.each(["0.20001", "0.12345", "123.45678", "7", "0.3"])(
    "has exactly the amount %s on the wire",
    async (size) => {
      expect((await placed({ size, limit: "100" })).body.amount).toBe(size);
    },
  );

  test("has an id that is a UUID of version 4, always the same one for one of ours", () => {
    expect(PACIFICA_ORDER_UUID).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(pacifica.wireIdOf("Hpacifica1o0n1x1")).toBe(PACIFICA_ORDER_UUID);
    expect(pacifica.wireIdOf("Hpacifica1o0n1x2")).not.toBe(PACIFICA_ORDER_UUID);
  });

  test("with a key that is none is the operator's to mend, and the key is not shown", async () => {
    const credentials = { walletAddress: PACIFICA_WALLET, privateKey: "0xnot-base58" };

    await expect(startPacifica({}, { credentials })).rejects.toThrow("not a Solana key");
    await expect(startPacifica({}, { credentials })).rejects.not.toThrow("0xnot-base58");
  });
});

const AT = 1_759_224_893_638;
const OPEN = {
  ...{ order_id: 315_992_721, client_order_id: PACIFICA_ORDER_UUID, symbol: "BTC", side: "ask" },
  ...{ price: "106600", initial_amount: "0.5", filled_amount: "0", cancelled_amount: "0" },
  ...{ order_type: "limit", reduce_only: false, created_at: AT, updated_at: AT },
};
const EVENT = { ...OPEN, history_id: 1, event_type: "make", order_status: "open" };
const HISTORY = {
  ...{ order_id: 315_992_721, client_order_id: PACIFICA_ORDER_UUID, symbol: "BTC", side: "ask" },
  ...{ initial_price: "106600", average_filled_price: "0", amount: "0.5", filled_amount: "0" },
  ...{ order_status: "cancelled", order_type: "limit", reduce_only: false, reason: "expired" },
  ...{ created_at: AT, updated_at: AT },
};
const OTHER = { ...HISTORY, order_id: 1, client_order_id: "add9a4b5-c7f7-4124-b57f-86982d86d479" };
const TRADE = {
  ...{ history_id: 19_329_801, order_id: 315_992_721, client_order_id: PACIFICA_ORDER_UUID },
  ...{ symbol: "BTC", amount: "0.2", price: "106601", entry_price: "90000", fee: "8.5", pnl: "-1" },
  ...{ event_type: "fulfill_taker", side: "open_short", created_at: AT + 250, cause: "normal" },
};

const ours = "Hpacifica1o0n1x1";
const none: Answers = {
  "GET /api/v1/orders": done([]),
  "GET /api/v1/orders/history": done([]),
  "GET /api/v1/orders/history_by_id": done([EVENT]),
  "GET /api/v1/trades/history": done([]),
  "GET /api/v1/book": done({ s: "BTC", l: [[], []], t: AT + 60_000 }),
};

describe("an order that Pacifica is asked after", () => {
  test("is found among what rests", async () => {
    const { venue } = await saying({ ...none, "GET /api/v1/orders": done([OTHER, OPEN]) });

    expect(await venue.account.lookupOrder("BTC", ours)).toMatchObject({
      kind: "found",
      order: { status: "open", venueOrderId: "315992721", side: "sell", clientOrderId: ours },
      fills: [],
    });
  });

  test("is found on a later page of all orders, with its fills", async () => {
    const filled = { ...EVENT, filled_amount: "0.2", cancelled_amount: "0.3", history_id: 3 };
    const { venue } = await saying({
      ...none,
      "GET /api/v1/orders/history": ({ url }: { url: URL }) =>
        url.searchParams.has("cursor") ? done([HISTORY]) : done([OTHER], "next"),
      "GET /api/v1/orders/history_by_id": done([{ ...EVENT, history_id: 2 }, filled, EVENT]),
      "GET /api/v1/trades/history": done([{ ...TRADE, order_id: 1 }, TRADE]),
    });

    const found = await venue.account.lookupOrder("BTC", ours);

    expect(found).toMatchObject({
      order: { status: "cancelled" },
      fills: [{ tradeId: "19329801", clientOrderId: ours, side: "sell", liquidity: "taker" }],
    });
    expect(found.kind === "found" && found.order.filledBase.toFixed()).toBe("0.2");
  });

  test("is asked for by the number that the venue gave it, once it has one", async () => {
    const { venue, asked } = await saying(none);
    const [instrument] = await venue.data.instruments();
    await venue.trading.place(guarded(pacificaOrder(), instrument));

    await venue.account.lookupOrder("BTC", ours);

    expect(asked("/api/v1/orders/history")).toEqual([]);
    expect(asked("/api/v1/orders/history_by_id")[0]?.url.searchParams.get("order_id")).toBe(
      "12345",
    );
  });

  /** 20 pages of older orders, of which each costs a tenth of what a minute allows. */
  const history = ({ url }: { url: URL }) => {
    const page = Number(url.searchParams.get("cursor") ?? "0");
    const at = AT - (page + 1) * 60_000;
    const row = { ...OTHER, order_id: 100 - page, created_at: at, updated_at: at };
    return page < 19 ? done([row], String(page + 1)) : done([row]);
  };

  test("and was placed here is not searched for before its time", async () => {
    const { venue, asked } = await saying({
      ...none,
      "GET /api/v1/orders/history": history,
      [`POST ${CREATE}`]: () => new Response("", { status: 502 }),
    });
    const [instrument] = await venue.data.instruments();
    const outcome = await venue.trading.place(guarded(pacificaOrder(), instrument));
    expect(outcome.kind).toBe("unknown");

    expect((await venue.account.lookupOrder("BTC", ours)).kind).toBe("notFound");
    expect(asked("/api/v1/orders/history")).toHaveLength(1);
  });

  test("is searched for from where the last look broke off, and what is new is seen", async () => {
    let looks = 0;
    let arrived = false;
    const { venue, asked } = await saying({
      ...none,
      "GET /api/v1/orders/history": (request: { url: URL }) => {
        looks += 1;
        if (looks % 8 === 0) return pacificaError(500, 500, "Internal server error");
        return arrived && !request.url.searchParams.has("cursor")
          ? done([HISTORY, { ...OTHER, order_id: 100 }])
          : history(request);
      },
    });
    const look = async () =>
      (await venue.account.lookupOrder("BTC", ours).catch(() => null))?.kind ?? null;
    expect([await look(), await look(), await look(), await look()]).toEqual([
      ...[null, null, null, "notFound" as const],
    ]);
    // From then on only what is new is asked for.
    const before = asked("/api/v1/orders/history").length;
    expect(await look()).toBe("notFound");
    expect(asked("/api/v1/orders/history")).toHaveLength(before + 1);
    arrived = true;
    expect(await look()).toBe("found");
  });

  test("was not there when it is in no list to the end, by the venue's own clock", async () => {
    const { venue } = await saying({ ...none, "GET /api/v1/orders/history": done([OTHER]) });

    const found = await venue.account.lookupOrder("BTC", ours);

    if (found.kind !== "notFound") throw new Error("found");
    expect(AT + 60_000 - found.venueTime).toBeWithin(0, 2_000);
  });

  test.each([
    [
      "an error",
      { "GET /api/v1/orders/history": () => pacificaError(500, 500, "Internal server error") },
    ],
    [
      "a page whose next one is not named",
      { "GET /api/v1/orders/history": { ...done([OTHER]), has_more: true } },
    ],
    ["a list without end", { "GET /api/v1/orders/history": done([OTHER], "round") }],
    [
      "a known order without history",
      { "GET /api/v1/orders": done([OPEN]), "GET /api/v1/orders/history_by_id": done([]) },
    ],
  ])("is neither found nor dead with %s", async (_, answers) => {
    const { venue } = await saying({ ...none, ...answers });

    await expect(venue.account.lookupOrder("BTC", ours)).rejects.toThrow("Pacifica, order");
  });

  test.each([
    ["all of it", { filled_amount: "0.5" }, "filled"],
    ["a part", { filled_amount: "0.1", order_status: "partially_filled" }, "open"],
    [
      "a part, and the rest cut off",
      { filled_amount: "0.1", cancelled_amount: "0.4", order_status: "partially_filled" },
      "cancelled",
    ],
    ["a refusal", { order_status: "rejected" }, "cancelled"],
  ])("with %s is in its right state", async (_, over, status) => {
    const { venue } = await saying({
      ...none,
      "GET /api/v1/orders": done([OPEN]),
      "GET /api/v1/orders/history_by_id": done([{ ...EVENT, ...over }]),
    });

    expect(await venue.account.lookupOrder("BTC", ours)).toMatchObject({ order: { status } });
  });
});

describe("Pacifica's fills", () => {
  const fill = (history_id: number, over = {}) => ({
    ...TRADE,
    history_id,
    created_at: AT,
    ...over,
  });

  test("are read to the last page, also when a millisecond lies on two", async () => {
    const pages: Record<string, unknown> = {
      "": done([fill(9, { created_at: AT + 9 }), fill(8)], "b"),
      b: done([fill(7), fill(6)], "c"),
      c: done([fill(5, { created_at: AT - 1 })], "d"),
    };
    const { venue, asked } = await saying({
      "GET /api/v1/trades/history": ({ url }: { url: URL }) =>
        pages[url.searchParams.get("cursor") ?? ""],
    });

    const fills = await venue.account.fills(AT);

    expect(fills.map((one) => one.tradeId).toSorted()).toEqual(["6", "7", "8", "9"]);
    expect(asked("/api/v1/trades/history")[0]?.url.searchParams.get("start_time")).toBe(String(AT));
  });

  test("are at the price of the fill, not at the position's entry", async () => {
    const { venue } = await saying({ "GET /api/v1/trades/history": done([fill(1)]) });

    const [one] = await venue.account.fills(AT);

    expect(one?.price.toFixed()).toBe("106601");
    expect(one?.feeUsd.toFixed()).toBe("8.5");
  });

  test("say what made them and for whom; spot is none of ours", async () => {
    const { venue } = await saying({
      "GET /api/v1/trades/history": done([
        fill(1, { cause: "market_liquidation", side: "close_long", client_order_id: null }),
        fill(2, { cause: "backstop_liquidation", side: "close_short" }),
        fill(3, { cause: "settlement", event_type: "fulfill_maker", side: "open_long" }),
        fill(4, { symbol: "SOL-USDC", side: "buy" }),
      ]),
    });

    expect(await venue.account.fills(AT)).toMatchObject([
      { cause: "liquidation", side: "sell", clientOrderId: "" },
      { cause: "liquidation", side: "buy" },
      { cause: "deleveraging", side: "buy", liquidity: "maker" },
    ]);
  });

  test.each([
    ["cause", { cause: "magic" }],
    ["side", { side: "sideways" }],
    ["part", { event_type: "fulfilled" }],
  ])("with a %s that we do not know are not guessed", async (_, over) => {
    const { venue } = await saying({ "GET /api/v1/trades/history": done([fill(1, over)]) });

    await expect(venue.account.fills(AT)).rejects.toThrow("Pacifica, fills");
  });
});

describe("taking orders off Pacifica's book", () => {
  test("names one order by our id", async () => {
    const path = "/api/v1/orders/cancel";
    const { venue, asked } = await saying({ [`POST ${path}`]: done(null) });
    await venue.data.instruments();

    expect(await venue.trading.cancel(guardedCancel(pacificaOrder()))).toMatchObject({
      kind: "ack",
    });
    const body = JSON.parse(asked(path)[0]?.body ?? "{}");
    expect(body).toMatchObject({ symbol: "BTC", client_order_id: PACIFICA_ORDER_UUID });
    expect(body).not.toHaveProperty("order_id");
    expect(body.timestamp).toBeWithin(Date.now() - 2_000, Date.now() + 1);
    expect(body.expiry_window).toBe(10_000);
  });

  test("takes all of one market, those that reduce too, and of no other", async () => {
    const path = "/api/v1/orders/cancel_all";
    const { venue, asked } = await saying({ [`POST ${path}`]: done({ cancelled_count: 2 }) });
    await venue.data.instruments();

    await venue.trading.cancelAll(guardedCancelAll(pacificaOrder()));

    expect(JSON.parse(asked(path)[0]?.body ?? "{}")).toMatchObject({
      ...{ all_symbols: false, symbol: "BTC", exclude_reduce_only: false },
    });
  });

  test("of an order that is not there is refused as such", async () => {
    const { venue } = await saying({
      "POST /api/v1/orders/cancel": () => pacificaError(422, 6, "ORDER_NOT_FOUND"),
    });
    await venue.data.instruments();

    expect(await venue.trading.cancel(guardedCancel(pacificaOrder()))).toMatchObject({
      ...{ kind: "refused", code: "UNKNOWN_ORDER" },
    });
  });
});

describe("leverage on Pacifica", () => {
  test("is set in whole numbers, the lower one", async () => {
    const path = "/api/v1/account/leverage";
    const { venue, asked } = await saying({ [`POST ${path}`]: done(null) });
    const [instrument] = await venue.data.instruments();
    if (!instrument) throw new Error("nothing is listed");
    const of = { instrument, ccxtSymbol: "BTC/USDC:USDC", priceUnit: ONE, info: {} };

    await venue.driver.setLeverage?.(of, dec("3.9"));

    expect(JSON.parse(asked(path)[0]?.body ?? "{}")).toMatchObject({ symbol: "BTC", leverage: 3 });
  });
});

function sorted(value: unknown): string {
  return JSON.stringify(value, (_, inner) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** With the platform's own Ed25519, not ccxt's. */
async function isSigned(message: string, signature: string, address: string): Promise<boolean> {
  const x = Buffer.from(fromBase58(address)).toString("base64url");
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  return verify(null, Buffer.from(message), key, fromBase58(signature));
}

function fromBase58(text: string): Buffer {
  const digits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  let value = 0n;
  for (const letter of text) value = value * 58n + BigInt(digits.indexOf(letter));
  const hex = value === 0n ? "" : value.toString(16);
  // Each leading zero byte is a "1" of its own: one signature in 256 begins with one.
  const zeros = "00".repeat(/^1*/.exec(text)?.[0].length ?? 0);
  return Buffer.from(zeros + hex.padStart(hex.length + (hex.length % 2), "0"), "hex");
}
