import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { dec, sum, ZERO } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import type { Fill } from "#src/core/order.ts";
import { createLivePaperRig, type LivePaperRig } from "#tests/support/live-paper-rig.ts";
import { HALF_PAST } from "#tests/support/paper-rig.ts";

const CASH = "20000";
/** Every settlement that happened before this has shown in the history by the end. */
const LAG_MS = 90 * 60_000;

interface Step {
  readonly kind: string;
  readonly lots: number;
  readonly dollars: number;
  readonly minutes: number;
}
const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(
    ...["buy", "sell", "rest", "reduce", "wait", "wait", "price", "depth", "restart", "look"],
    ...["silent", "noBooks", "noHistory", "heal", "slow", "late"],
  ),
  lots: fc.integer({ min: 1, max: 400 }),
  dollars: fc.integer({ min: 50_000, max: 70_000 }),
  minutes: fc.integer({ min: 1, max: 900 }),
});

interface Live extends LivePaperRig {
  venue: LivePaperRig["venue"];
  mark: number;
}

async function act(live: Live, { kind, lots, dollars, minutes }: Step): Promise<void> {
  const { data } = live;
  const size = dec(String(lots)).times("0.001").toFixed();
  const near = (by: number) => String(live.mark + by);
  const place = (over: Parameters<LivePaperRig["place"]>[0]) =>
    live.place({ size, ...over }, live.venue);
  const work: Readonly<Record<string, () => unknown>> = {
    buy: () => place({ limit: near(5) }),
    sell: () => place({ side: "sell", limit: near(-5) }),
    rest: () => place({ limit: near(0), timeInForce: "gtc" }),
    reduce: () => place({ side: "sell", limit: near(-5), reduceOnly: true }),
    wait: () => live.jump(minutes * 60_000),
    look: () => live.venue.account.positions().catch(() => undefined),
    price: () => {
      live.mark = dollars;
      data.change("BTC-PERP", { price: String(dollars) });
    },
    depth: () => data.change("BTC-PERP", { depth: size }),
    restart: () => {
      live.venue = live.restart();
    },
    silent: () => {
      data.failing = "all";
    },
    noBooks: () => {
      data.failing = new Set(["orderBook"]);
    },
    noHistory: () => {
      data.failing = new Set(["fundingHistory"]);
    },
    slow: () => {
      data.delayMs = 700;
    },
    late: () => {
      data.historyLagMs = LAG_MS;
    },
    heal: () => heal(live),
  };
  await work[kind]?.();
}

function heal({ data }: Live): void {
  data.failing = new Set();
  data.delayMs = 0;
}

async function run(steps: readonly Step[], check: (live: Live) => Promise<void>): Promise<void> {
  const listing = { depth: "0.2" };
  const live: Live = { ...createLivePaperRig({ cash: CASH, listing }), mark: 60_000 };
  for (const one of steps) await act(live, one);
  heal(live);
  // Questions that were asked while it failed are still under way.
  await live.clock.sleep(5_000);
  live.jump(LAG_MS + HOUR_MS);
  await check(live);
}

function signed(fills: readonly Fill[]) {
  return sum(fills.map((fill) => (fill.side === "buy" ? fill.sizeBase : fill.sizeBase.neg())));
}

/** Null when the venue did not answer; any other failure is one. */
async function orRetry<T>(answer: Promise<T>): Promise<T | null> {
  return answer.catch((error: unknown) => {
    expect(error).toBeInstanceOf(RetryableError);
    return null;
  });
}

describe("whatever happens to a paper account on live data", () => {
  const steps = fc.array(step, { minLength: 3, maxLength: 25 });

  test("equity is exactly starting cash + fills + funding − fees + positions at mark", async () => {
    await fc.assert(
      fc.asyncProperty(steps, (list) =>
        run(list, async ({ venue: { account } }) => {
          const { equityUsd } = await account.account();
          const flows = (await account.fills(0)).map((fill) => {
            const flow = fill.sizeBase.times(fill.price);
            return (fill.side === "sell" ? flow : flow.neg()).minus(fill.feeUsd);
          });
          const funding = (await account.fundingPayments(0)).map((payment) => payment.amountUsd);
          const worth = (await account.positions()).map((one) => one.sizeBase.times(one.markPrice));
          expect(equityUsd.toFixed()).toBe(
            sum([dec(CASH), ...flows, ...funding, ...worth]).toFixed(),
          );
        }),
      ),
      { numRuns: 150 },
    );
  });

  test("every settlement is paid exactly once, on what the fills before it add up to", async () => {
    await fc.assert(
      fc.asyncProperty(steps, (list) =>
        run(list, async ({ venue: { account }, clock, data }) => {
          const fills = await account.fills(0);
          const payments = await account.fundingPayments(0);
          const last = clock.marketNow() - data.historyLagMs;
          const due: number[] = [];
          for (let at = HALF_PAST + HOUR_MS / 2; at <= last; at += HOUR_MS) {
            const held = signed(fills.filter((fill) => fill.filledAt < at));
            if (!held.eq(ZERO)) due.push(at);
          }
          expect(payments.map((payment) => payment.fundingAt)).toEqual(due);
          for (const { fundingAt, amountUsd } of payments) {
            const held = signed(fills.filter((fill) => fill.filledAt < fundingAt));
            // At 1 bp an hour, and with marks between 50,000 and 70,000.
            const worth = amountUsd.div(held).times("-10000");
            expect(worth.gte("49999") && worth.lte("70001")).toBe(true);
          }
        }),
      ),
      { numRuns: 150 },
    );
  });

  test("the account is told exactly or not at all", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        const live: Live = { ...createLivePaperRig({ cash: CASH }), mark: 60_000 };
        for (const one of list) {
          await act(live, one);
          const [fills, positions, again] = [
            await orRetry(live.venue.account.fills(0)),
            await orRetry(live.venue.account.positions()),
            await orRetry(live.venue.account.fills(0)),
          ];
          // A resting order may fill between the questions.
          if (!fills || !positions || fills.length !== again?.length) continue;
          const held = positions[0]?.sizeBase ?? ZERO;
          expect(held.toFixed()).toBe(signed(fills).toFixed());
        }
      }),
      { numRuns: 100 },
    );
  });
});
