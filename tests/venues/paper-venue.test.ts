import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Decimal, dec, sum } from "#src/core/decimal.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import type { Guarded } from "#src/core/guarded.ts";
import type { OrderRequest } from "#src/core/order.ts";
import { baseSize, price, signedBase } from "#src/core/units.ts";
import { checkReduce } from "#src/guard/check.ts";
import { createPaperVenue } from "#src/venues/paper/paper-venue.ts";
import { openCheck } from "#tests/support/builders.ts";
import { createJumpingClock } from "#tests/support/fake-clock.ts";
import { createMemoryRecords } from "#tests/support/memory-records.ts";
import { createSteadyMarket } from "#tests/support/steady-market.ts";
import { admitHedge, createTradingRig } from "#tests/support/trading-rig.ts";

const START = "100000";

function createVenue(contract = "1") {
  const clock = createJumpingClock();
  const market = createSteadyMarket({
    beta: { instrument: { contractSizeBase: baseSize(contract) } },
  });
  const records = createMemoryRecords();
  const make = () =>
    createPaperVenue({
      id: "beta",
      feed: market,
      records,
      clock,
      startingCashUsd: START,
      leverage: dec("3"),
    });
  return { venue: make(), again: make, clock, market };
}

/** A buy of the guarded kind, through a real ticket. */
async function buy(
  venue: ReturnType<typeof createPaperVenue>,
  size: string,
  over: Partial<OrderRequest> = {},
) {
  const rig = createTradingRig();
  const { ticket } = admitHedge(rig);
  const order: OrderRequest = {
    venue: "beta",
    symbol: "BTC-PERP",
    clientOrderId: `buy${size}${over.clientOrderId ?? ""}`,
    side: "buy",
    sizeBase: baseSize(size),
    limitPrice: price("60030"),
    timeInForce: "ioc",
    reduceOnly: false,
    expiresAt: Number.MAX_SAFE_INTEGER,
    ...over,
  };
  const guarded = ticket.admit(order, rig.clock.wallNow());
  if ("code" in guarded) throw new Error(guarded.code);
  return venue.trading.place(guarded);
}

async function sell(
  venue: ReturnType<typeof createPaperVenue>,
  size: string,
  held: string,
  id: string,
) {
  const verdict = checkReduce({
    plan: {
      purpose: "close",
      legs: [
        {
          venue: "beta",
          symbol: "BTC-PERP",
          side: "sell",
          sizeBase: baseSize(size),
          positionBase: signedBase(held),
        },
      ],
    },
    limits: openCheck().limits,
    now: 0,
  });
  if (!verdict.ok) throw new Error("denied");
  const guarded = verdict.ticket.admit(
    {
      ...{ venue: "beta", symbol: "BTC-PERP", clientOrderId: id, side: "sell" },
      sizeBase: baseSize(size),
      limitPrice: price("100"),
      timeInForce: "ioc",
      reduceOnly: true,
      expiresAt: Number.MAX_SAFE_INTEGER,
    },
    0,
  );
  if ("code" in guarded) throw new Error(guarded.code);
  return venue.trading.place(guarded);
}

describe("a paper venue", () => {
  test("fills at the book, level by level, with the taker fee, and reports trade ids", async () => {
    const { venue, market } = createVenue();
    market.setDepth("beta", "0.2");

    const outcome = await buy(venue, "0.5");

    if (outcome.kind !== "ack") throw new Error(outcome.kind);
    expect(outcome.fills.map((fill) => [fill.price.toFixed(), fill.sizeBase.toFixed()])).toEqual([
      ["60000.1", "0.2"],
      ["60000.2", "0.2"],
      ["60000.3", "0.1"],
    ]);
    expect(new Set(outcome.fills.map((fill) => fill.tradeId)).size).toBe(3);
    expect(outcome.fills[0]?.feeUsd.toFixed()).toBe("6.00001");
  });

  test("cancels what an immediate order cannot take, and does not sell the same depth twice", async () => {
    const { venue, market } = createVenue();
    market.setDepth("beta", "0.1");

    const first = await buy(venue, "0.5");
    const second = await buy(venue, "0.4");

    expect(first).toMatchObject({ kind: "ack", order: { status: "cancelled" } });
    if (first.kind !== "ack" || second.kind !== "ack") throw new Error("not taken");
    expect(first.order.filledBase.toFixed()).toBe("0.3");
    expect(second.order.filledBase.toFixed()).toBe("0");
  });

  test.each([
    ["OFF_LOT", "0.0005", {}],
    ["OFF_TICK", "0.1", { limitPrice: price("60000.05") }],
    ["EXPIRED", "0.1", { expiresAt: 1 }],
    ["REDUCE_ONLY_WOULD_INCREASE", "0.1", null],
  ] as const)("refuses with %s", async (code, size, over) => {
    const { venue } = createVenue();
    const outcome =
      over === null ? await sell(venue, size, size, "s") : await buy(venue, size, over);
    expect(outcome).toMatchObject({ kind: "refused", code });
  });

  test("refuses a client order id that it has seen, also after a restart", async () => {
    const { venue, again } = createVenue();
    await buy(venue, "0.1");
    expect(await buy(again(), "0.1")).toMatchObject({ code: "DUPLICATE_CLIENT_ORDER_ID" });
  });

  test("takes nothing that did not come through a ticket", async () => {
    const { venue } = createVenue();
    const forged = JSON.parse('{"request":{}}') as Guarded<OrderRequest>;
    expect(await venue.trading.place(forged)).toMatchObject({ kind: "refused" });
  });

  test("rests a limit order and fills it as maker when the market comes to it", async () => {
    const { venue, market } = createVenue();
    const resting = { limitPrice: price("59990"), timeInForce: "gtc" as const };
    expect(await buy(venue, "0.1", resting)).toMatchObject({ order: { status: "open" } });
    expect(await venue.account.openOrders()).toHaveLength(1);

    market.setPrice("beta", "59989");

    expect(await venue.account.openOrders()).toHaveLength(0);
    const [fill] = await venue.account.fills(0);
    expect([fill?.liquidity, fill?.price.toFixed()]).toEqual(["maker", "59990"]);
  });

  test("pays each settlement once on the position held at that moment, also across a restart", async () => {
    const { venue, again, clock } = createVenue();
    await buy(venue, "0.5");
    clock.jump(3 * HOUR_MS);

    const payments = await venue.account.fundingPayments(0);
    const later = await again().account.fundingPayments(0);

    expect(payments.map((payment) => payment.amountUsd.toFixed())).toEqual(["-3", "-3", "-3"]);
    expect(later.map((payment) => payment.paymentId)).toEqual(
      payments.map((payment) => payment.paymentId),
    );
  });

  test("counts in contracts inside and in base units outside", async () => {
    const { venue } = createVenue("0.01");
    await buy(venue, "0.5");
    const [position] = await venue.account.positions();
    expect(position?.sizeBase.toFixed()).toBe("0.5");
  });

  test("liquidates an account below its maintenance margin", async () => {
    const { venue, market } = createVenue();
    await buy(venue, "0.5");
    market.setPrice("beta", "1");
    // Half a bitcoin cannot eat 100,000 USD: it is covered, and stays.
    expect(await venue.account.positions()).toHaveLength(1);
  });
});

describe("equity", () => {
  const action = fc.record({
    kind: fc.constantFrom("buy", "sell", "hour", "price"),
    lots: fc.integer({ min: 1, max: 300 }),
    level: fc.integer({ min: 5_000_000, max: 7_000_000 }),
  });

  test("is exactly starting cash + fills' cash − fees + funding + position at mark, whatever happens", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 12 }), async (actions) => {
        const { venue, clock, market } = createVenue("0.01");
        for (const [index, { kind, lots, level }] of actions.entries()) {
          const size = dec(String(lots)).times("0.001");
          const held = (await venue.account.positions())[0]?.sizeBase ?? dec("0");
          if (kind === "hour") clock.jump(HOUR_MS);
          if (kind === "price")
            market.setPrice("beta", dec(String(level)).div("100").round(1).toFixed());
          if (kind === "buy")
            await buy(venue, size.toFixed(), {
              clientOrderId: `b${index}`,
              limitPrice: price("60030"),
            });
          if (kind === "sell" && held.gt("0")) {
            await sell(venue, (size.gt(held) ? held : size).toFixed(), held.toFixed(), `s${index}`);
          }
        }
        const { equityUsd } = await venue.account.account();
        expect(equityUsd.toFixed()).toBe((await recount(venue)).toFixed());
      }),
      { numRuns: 60 },
    );
  });
});

async function recount(venue: ReturnType<typeof createPaperVenue>): Promise<Decimal> {
  const fills = await venue.account.fills(0);
  const cash = fills.map((fill) => {
    const flow = fill.sizeBase.times(fill.price);
    return (fill.side === "sell" ? flow : flow.neg()).minus(fill.feeUsd);
  });
  const funding = (await venue.account.fundingPayments(0)).map((payment) => payment.amountUsd);
  const held = (await venue.account.positions()).map((one) => one.sizeBase.times(one.markPrice));
  return sum([dec(START), ...cash, ...funding, ...held]);
}
