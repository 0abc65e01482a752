import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Decimal, dec, isMultipleOf, sum, ZERO } from "#src/core/decimal.ts";
import { grownFill } from "#src/core/figures/borrow.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import type { Venue } from "#src/ports/venue.ts";
import { createPaperRig, fillsOf, type PaperRig, shortly } from "#tests/support/paper-rig.ts";

const SPOT = "BTC-SPOT";
const LOT = dec("0.0001");

function rigWith(borrowPerHour?: string, cash = "10000") {
  const loans = borrowPerHour === undefined ? {} : { borrowPerHour };
  return createPaperRig({ cash, market: { spot: {}, price: "6000", depth: "10", ...loans } });
}

const buy = (size: string) => ({ symbol: SPOT, size, limit: "6001" });
const sell = (size: string) => ({ symbol: SPOT, size, limit: "5999", side: "sell" as const });

async function coins({ account }: Pick<Venue, "account">): Promise<Decimal> {
  const positions = await account.positions();
  return positions.find((one) => one.symbol === SPOT)?.sizeBase ?? ZERO;
}

describe("spot on a paper venue", () => {
  test("a buy leaves what was asked although the fee is taken in coins, and all it cost is told", async () => {
    const rig = rigWith();
    const [fill] = fillsOf(await rig.place(buy("1")));
    // 1 / 0.999 up to the lot: 1.0011 are bought at 6000.1, and 1.0000989 stay.
    expect(fill?.sizeBase.toFixed()).toBe("1");
    expect(fill?.feeUsd.toFixed()).toBe("6.60011");
    expect((await coins(rig.venue)).toFixed()).toBe("1.0000989");
    const { equityUsd } = await rig.venue.account.account("spot");
    expect(equityUsd.toFixed()).toBe(dec("10000").minus("6006.70011").plus("6000.5934").toFixed());
  });

  test("a sale of what was bought leaves less than a lot, and the next buy uses it up", async () => {
    const rig = rigWith();
    for (let round = 0; round < 12; round += 1) {
      await rig.place(buy("0.5"));
      await rig.place({ ...sell("0.5"), reduceOnly: true });
    }
    const left = await coins(rig.venue);
    expect(left.gte(ZERO) && left.lt(LOT)).toBe(true);
  });

  test("a closing sale never borrows, and is refused when only a remainder is there", async () => {
    const rig = rigWith("0.00001");
    await rig.place(buy("1"));
    const sold = await rig.place({ ...sell("5"), reduceOnly: true });
    expect(fillsOf(sold)[0]?.sizeBase.toFixed()).toBe("1");
    const again = await rig.place({ ...sell("1"), reduceOnly: true });
    expect(shortly(again)).toBe("refused REDUCE_ONLY_WOULD_INCREASE");
    expect((await coins(rig.venue)).gte(ZERO)).toBe(true);
  });

  test("what nobody lends cannot be sold short, nor more than is lent", async () => {
    expect(shortly(await rigWith().place(sell("1")))).toBe("refused INSUFFICIENT_MARGIN");
    const rig = rigWith("0.00001", "10000000");
    expect(shortly(await rig.place(sell("1")))).toBe("ack filled");
    expect(shortly(await rig.place(sell("4.5")))).toBe("refused INSUFFICIENT_MARGIN");
  });

  test("coins are paid in full, whatever the leverage of perps", async () => {
    const rig = rigWith();
    expect(shortly(await rig.place(buy("1.7")))).toBe("refused INSUFFICIENT_MARGIN");
    expect(shortly(await rig.place(buy("1.6")))).toBe("ack filled");
    expect((await rig.venue.account.setup(SPOT)).leverage).toBeNull();
  });

  test("what is owed costs interest each full hour, once, also over a restart", async () => {
    const rig = rigWith("0.00001");
    await rig.place(sell("1"));
    rig.jump(5 * HOUR_MS);
    await rig.venue.account.account();
    const reborn = rig.restart();
    rig.jump(HOUR_MS);
    const charged = (await reborn.account.interestPayments?.(0)) ?? [];
    expect(charged.map((one) => one.amountUsd.toFixed())).toEqual([
      ...["-0.06", "-0.0600006", "-0.0600012", "-0.0600018", "-0.0600024", "-0.060003"],
    ]);
    // It is owed in coins, and what is owed of it costs interest, too.
    expect(sum(charged.map((one) => one.grownBase ?? ZERO)).toFixed()).toBe("0.0000600015");
    expect((await coins(reborn)).toFixed()).toBe("-1.0000600015");
    // Bought back: nothing is owed any more.
    await rig.place({ ...buy("1"), reduceOnly: true }, reborn);
    rig.jump(3 * HOUR_MS);
    expect(await reborn.account.interestPayments?.(0)).toHaveLength(6);
  });

  test("a short that the account cannot carry any more is bought back by the venue, and nothing is left", async () => {
    const rig = rigWith("0.00001");
    await rig.place(sell("1.5"));
    rig.market.setPrice("alpha", "13000");
    const positions = await rig.venue.account.positions();
    expect(positions).toEqual([]);
    expect((await rig.venue.account.fills(0)).at(-1)?.cause).toBe("liquidation");
  });
});

const step = fc.record({
  kind: fc.constantFrom("buy", "sell", "rest", "cover", "wait", "price", "depth", "restart"),
  lots: fc.integer({ min: 1, max: 9_000 }),
  dollars: fc.integer({ min: 4_000, max: 8_000 }),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

async function act(live: { venue: PaperRig["venue"] } & Omit<PaperRig, "venue">, one: Step) {
  const size = LOT.times(String(one.lots)).toFixed();
  const { markPrice } = await live.venue.data.marketStats(SPOT);
  const near = (ticks: string) => markPrice.plus(dec(ticks).times("0.1")).toFixed();
  const order = { symbol: SPOT, size, limit: near("5") };
  const down = { ...order, side: "sell" as const, limit: near("-5") };
  const held = await coins(live.venue);
  if (one.kind === "buy") await live.place(order, live.venue);
  else if (one.kind === "sell") await live.place(down, live.venue);
  else if (one.kind === "rest") {
    await live.place({ ...order, limit: near("1"), timeInForce: "gtc" }, live.venue);
  } else if (one.kind === "cover") {
    await live.place({ ...(held.gt(ZERO) ? down : order), reduceOnly: true }, live.venue);
  } else if (one.kind === "wait") live.jump(one.lots * 10_000);
  else if (one.kind === "price") live.market.setPrice("alpha", String(one.dollars));
  else if (one.kind === "depth") live.market.setDepth("alpha", size);
  else live.venue = live.restart();
}

describe("whatever happens to a spot account", () => {
  test("fills are whole lots within their orders, coins are their sum and less than a lot, and equity is exact", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 20 }), async (steps) => {
        const live = { ...rigWith("0.00001") };
        for (const one of steps) await act(live, one);
        const { account } = live.venue;
        await account.account();
        const fills = await account.fills(0);
        expect(fills.every((fill) => isMultipleOf(fill.sizeBase, LOT))).toBe(true);
        const reported = await account.openOrders();
        expect(reported.every((one) => one.filledBase.lte(one.sizeBase))).toBe(true);
        const interests = (await account.interestPayments?.(0)) ?? [];
        const grown = interests.map(grownFill).filter((one) => one !== null);
        const booked = sum(
          [...fills, ...grown].map(({ side, sizeBase }) =>
            side === "buy" ? sizeBase : sizeBase.neg(),
          ),
        );
        const held = await coins(live.venue);
        const over = held.minus(booked);
        expect(over.gte(ZERO) && over.lt(LOT)).toBe(true);
        const cash = [...fills, ...grown].map((fill) => {
          const flow = fill.sizeBase.times(fill.price);
          return (fill.side === "sell" ? flow : flow.neg()).minus(fill.feeUsd);
        });
        const interest = interests.map((one) => one.amountUsd);
        const { markPrice } = await live.venue.data.marketStats(SPOT);
        const expected = sum([dec("10000"), ...cash, ...interest, held.times(markPrice)]);
        expect((await account.account()).equityUsd.toFixed()).toBe(expected.toFixed());
      }),
      { numRuns: 30 },
    );
  });
});
