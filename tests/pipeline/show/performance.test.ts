import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { loadSettings } from "#config/load.ts";
import { dec, sum } from "#src/core/decimal.ts";
import type { InterestPayment } from "#src/core/figures/borrow.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import type { Transfer } from "#src/core/transfer.ts";
import { usd } from "#src/core/units.ts";
import { closeHedge } from "#src/execution/close-hedge.ts";
import { openHedge } from "#src/execution/open-hedge.ts";
import { postFills } from "#src/ledger/post-entry.ts";
import { composePipeline } from "#src/main/compose-pipeline.ts";
import type { Venue } from "#src/ports/venue.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";
import { admitHedge, createTradingRig } from "#tests/support/trading-rig.ts";

/** Two paper accounts into which money comes and from which interest is taken, as the test says. */
function createWorld(settleIn: Readonly<Record<string, string>> = {}) {
  const rig = createTradingRig();
  const { store, clock } = rig;
  const transfers: Transfer[] = [];
  const interest: InterestPayment[] = [];
  const outside = (venue: Venue): Venue => ({
    ...venue,
    data: {
      ...venue.data,
      instruments: async () =>
        (await venue.data.instruments()).map((one) => ({
          ...{ ...one, settleCurrency: settleIn[venue.id] ?? one.settleCurrency },
        })),
    },
    account: {
      ...venue.account,
      async account() {
        const state = await venue.account.account();
        const own = [...transfers, ...interest].filter((one) => one.venue === venue.id);
        return {
          ...state,
          equityUsd: usd(state.equityUsd.plus(sum(own.map((one) => one.amountUsd)))),
        };
      },
      transfers: async (since) =>
        transfers.filter((one) => one.venue === venue.id && one.transferredAt > since),
      interestPayments: async (since) =>
        interest.filter((one) => one.venue === venue.id && one.chargedAt > since),
    },
  });
  const venues = new Map([...rig.context.venues].map(([id, venue]) => [id, outside(venue)]));
  const pipeline = composePipeline({
    mode: "paper",
    ...loadSettings("operator"),
    ...{ store, clock, venues, log: silentLogger, shout: () => undefined },
  });
  store.transaction(() => {
    for (const id of venues.keys()) store.setFact(`equityAtStart:${id}`, "100000");
  });
  async function book() {
    store.transaction(() => postFills(store));
    await pipeline.bookFunding();
    await pipeline.keepEquity();
  }
  let count = 0;
  const next = () => {
    count += 1;
    return String(count);
  };
  return {
    ...{ rig, pipeline, book },
    pay(venue: string, amountUsd: string) {
      const transferredAt = clock.marketNow();
      transfers.push({ venue, transferId: next(), amountUsd: usd(amountUsd), transferredAt });
    },
    charge(venue: string, symbol: string, amountUsd: string) {
      const chargedAt = clock.marketNow();
      interest.push({ venue, symbol, paymentId: next(), amountUsd: usd(amountUsd), chargedAt });
    },
  };
}

const cents = fc.integer({ min: -9_999_999, max: 9_999_999 }).map((one) => `${one / 100}`);
const step = fc.record({
  hours: fc.integer({ min: 1, max: 40 }),
  alpha: fc.integer({ min: 596_000, max: 604_000 }),
  beta: fc.integer({ min: 596_000, max: 604_000 }),
  paid: fc.option(cents, { nil: null }),
  interest: fc.option(fc.integer({ min: 1, max: 99_999 }), { nil: null }),
});

const total = (values: readonly (string | null)[]) =>
  sum(values.map((one) => dec(one ?? "unknown"))).toFixed();

describe("what was earned", () => {
  test("is explained to the last digit, whatever moved, was paid, charged or closed", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 4 }),
        fc.constantFrom("none", "part", "all"),
        fc.constantFrom("100", "0.1"),
        async (steps, closing, depth) => {
          const { rig, pipeline, book, pay, charge } = createWorld();
          await book();
          rig.market.setDepth("beta", depth);
          const { hedge } = await openHedge(rig.context, admitHedge(rig));
          const [leg] = hedge.legs;
          for (const { hours, alpha, beta, paid, interest } of steps) {
            rig.clock.jump(hours * HOUR_MS);
            if (paid) pay("beta", paid);
            if (interest) charge(leg.venue, leg.symbol, `-0.${String(interest).padStart(7, "0")}`);
            rig.market.setPrice("alpha", dec(String(alpha)).div("10").toFixed());
            rig.market.setPrice("beta", dec(String(beta)).div("10").toFixed());
            await book();
          }
          if (closing === "part") rig.market.setDepth("alpha", "0.02");
          const [open] = rig.store.listHedges(["open"]);
          if (closing !== "none" && open) await closeHedge(rig.context, { hedge: open });
          rig.clock.jump(HOUR_MS);
          await book();

          const view = await pipeline.performance();
          const pnl = view.total;
          if (!pnl) throw new Error("all marks are known");
          expect(view.unexplainedUsd).toBe("0");
          const all = [view.equityAtStartUsd, pnl.totalUsd, view.otherUsd, view.transfersUsd];
          expect(total(all)).toBe(dec(view.equityUsd ?? "").toFixed());
          expect(total([pnl.basisUsd, pnl.residualUsd])).toBe(pnl.priceUsd);
          expect(total([pnl.realisedUsd, pnl.unrealisedUsd])).toBe(pnl.totalUsd);
          const parts = [pnl.priceUsd, pnl.fundingUsd, pnl.feesUsd, pnl.interestUsd];
          expect(total(parts)).toBe(pnl.totalUsd);
          expect(total(view.venues.map((one) => one.totalUsd))).toBe(
            total([pnl.totalUsd, view.otherUsd]),
          );
          expect(total(view.days.map((one) => one.gainUsd))).toBe(
            total([pnl.totalUsd, view.otherUsd]),
          );
          expect((await pipeline.exportCsv()).trimEnd().split("\r\n").at(-1)).toContain(
            ",unexplained,,,,,,,,,0,,,",
          );
        },
      ),
      { numRuns: 12 },
    );
  }, 120_000);

  test("says so when money came that no venue told of", async () => {
    const { rig, pipeline, book } = createWorld();
    await book();
    rig.store.transaction(() => rig.store.setFact("equityAtStart:alpha", "99990"));
    const view = await pipeline.performance();
    expect(view.unexplainedUsd).toBe("10");
    expect(view.total?.totalUsd).toBe("0");
  });

  test("tells beside the total what USDT made against USDC, as far as anybody said", async () => {
    const { rig, pipeline, book } = createWorld({ alpha: "USDC", beta: "USDT" });
    await book();
    expect((await pipeline.performance()).quoteFxUsd).toBeNull();
    rig.store.transaction(() => {
      rig.store.setFact("stables:readAt", String(rig.clock.wallNow()));
      rig.store.setFact("stables:usdcInUsdtAtFirst", "1");
      rig.store.setFact("stables:usdcInUsdt", "1.25");
    });
    // 100,000 USDT are 80,000 USDC now; the other venue holds USDC.
    expect((await pipeline.performance()).quoteFxUsd).toBe("-20000");
  });

  test("names its figures as unknown while there is too little to say them", async () => {
    const { pipeline, book } = createWorld();
    await book();
    const { figures } = await pipeline.performance();
    expect(figures).toMatchObject({ sharpe: null, days: 0, daysNeeded: 30, winRatePeriods: null });
    expect(figures.hedgesOverEquity).toBe("0");
  });
});
