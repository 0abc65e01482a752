import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Decimal, dec, sum, ZERO } from "#src/core/decimal.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import { createPaperRig, type PaperRig } from "#tests/support/paper-rig.ts";

/** Anything that can happen to an account; the numbers pick sizes and prices. */
interface Step {
  readonly kind: string;
  readonly lots: number;
  readonly dollars: number;
  readonly minutes: number;
}
const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom("buy", "sell", "rest", "reduce", "wait", "price", "depth", "restart"),
  lots: fc.integer({ min: 1, max: 400 }),
  dollars: fc.integer({ min: 30_000, max: 90_000 }),
  minutes: fc.integer({ min: 1, max: 400 }),
});

interface Live extends Pick<PaperRig, "place" | "market" | "jump" | "restart"> {
  /** Replaced by a restart. */
  venue: PaperRig["venue"];
}

async function act(live: Live, one: Step): Promise<void> {
  const size = dec(String(one.lots)).times("0.001").toFixed();
  const { markPrice: mark } = await live.venue.data.marketStats("BTC-PERP");
  const near = (ticks: string) => mark.plus(dec(ticks).times("0.1")).toFixed();
  switch (one.kind) {
    case "buy":
      await live.place({ size, limit: near("5") }, live.venue);
      break;
    case "sell":
      await live.place({ size, side: "sell", limit: near("-5") }, live.venue);
      break;
    case "rest":
      await live.place({ size, limit: near("1"), timeInForce: "gtc" }, live.venue);
      break;
    case "reduce":
      await reduce(live, size, near);
      break;
    case "wait":
      live.jump(one.minutes * (HOUR_MS / 60));
      break;
    case "price":
      live.market.setPrice("alpha", String(one.dollars));
      break;
    case "depth":
      live.market.setDepth("alpha", size);
      break;
    default:
      live.venue = live.restart();
  }
}

/** Reduces with an order that may be larger than the position: it must never turn it round. */
async function reduce(live: Live, size: string, near: (ticks: string) => string): Promise<void> {
  const before = await held(live);
  const side = before.gt(ZERO) ? "sell" : "buy";
  const limit = near(side === "sell" ? "-5" : "5");
  await live.place({ size, side, limit, reduceOnly: true }, live.venue);
  const after = await held(live);
  expect(after.abs().lte(before.abs())).toBe(true);
  expect(after.times(before).gte(ZERO)).toBe(true);
}

async function held({ venue }: Pick<Live, "venue">): Promise<Decimal> {
  return (await venue.account.positions())[0]?.sizeBase ?? ZERO;
}

/** Runs the steps, then compares what the account says with what its own papers add up to. */
async function run(steps: readonly Step[], check: (live: Live) => Promise<void>): Promise<void> {
  const rig = createPaperRig({ cash: "20000", market: { depth: "0.2" } });
  const live: Live = { ...rig };
  for (const one of steps) await act(live, one);
  await check(live);
}

describe("whatever happens to a paper account", () => {
  const steps = fc.array(step, { minLength: 3, maxLength: 25 });

  test("equity is exactly starting cash + fills + funding − fees + positions at mark", async () => {
    await fc.assert(
      fc.asyncProperty(steps, (list) =>
        run(list, async ({ venue }) => {
          const { account } = venue;
          const { equityUsd } = await account.account();
          const flows = (await account.fills(0)).map((fill) => {
            const flow = fill.sizeBase.times(fill.price);
            return (fill.side === "sell" ? flow : flow.neg()).minus(fill.feeUsd);
          });
          const funding = (await account.fundingPayments(0)).map((payment) => payment.amountUsd);
          const worth = (await account.positions()).map((one) => one.sizeBase.times(one.markPrice));
          const expected = sum([dec("20000"), ...flows, ...funding, ...worth]);
          expect(equityUsd.toFixed()).toBe(expected.toFixed());
        }),
      ),
      { numRuns: 150 },
    );
  });

  test("every settlement is paid once, on exactly what the fills before it add up to", async () => {
    await fc.assert(
      fc.asyncProperty(steps, (list) =>
        run(list, async ({ venue }) => {
          const fills = await venue.account.fills(0);
          const payments = await venue.account.fundingPayments(0);
          expect(new Set(payments.map((payment) => payment.paymentId)).size).toBe(payments.length);
          for (const { fundingAt, amountUsd } of payments) {
            const before = fills.filter((fill) => fill.filledAt < fundingAt);
            const size = sum(
              before.map((fill) => (fill.side === "buy" ? fill.sizeBase : fill.sizeBase.neg())),
            );
            // At 1 bp an hour the sign says who paid, whatever the mark was.
            expect(amountUsd.times(size).lt(ZERO)).toBe(true);
          }
        }),
      ),
      { numRuns: 100 },
    );
  });

  test("the position is what its fills add up to, and a restart changes nothing", async () => {
    await fc.assert(
      fc.asyncProperty(steps, (list) =>
        run(list, async (live) => {
          const fills = await live.venue.account.fills(0);
          const size = sum(
            fills.map((fill) => (fill.side === "buy" ? fill.sizeBase : fill.sizeBase.neg())),
          );
          expect((await held(live)).toFixed()).toBe(size.toFixed());
          const reborn = live.restart();
          expect(await reborn.account.account()).toEqual(await live.venue.account.account());
          expect(await reborn.account.fills(0)).toEqual(fills);
        }),
      ),
      { numRuns: 100 },
    );
  });
});
