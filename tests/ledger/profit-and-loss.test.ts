import { expect, test } from "bun:test";
import fc from "fast-check";
import { dec, sum } from "#src/core/decimal.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import { closeHedge } from "#src/execution/close-hedge.ts";
import { openHedge } from "#src/execution/open-hedge.ts";
import { bookFunding } from "#src/ledger/book-funding.ts";
import { postFills } from "#src/ledger/post-entry.ts";
import { profitAndLoss } from "#src/ledger/profit-and-loss.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";
import { admitHedge, createTradingRig, type TradingRig } from "#tests/support/trading-rig.ts";

async function book(rig: TradingRig): Promise<void> {
  const { store, clock, context } = rig;
  store.transaction(() => postFills(store));
  await bookFunding({ store, venues: context.venues, clock, log: silentLogger });
}

/** Ledger's total over all hedges, and the accounts' change: two independent ways to the same figure. */
async function compare(rig: TradingRig) {
  const results = await Promise.all(
    rig.store.listHedges().map(async (hedge) => {
      const marks = await Promise.all(
        hedge.legs.map((leg) => rig.context.venues.get(leg.venue)?.data.marketStats(leg.symbol)),
      );
      return profitAndLoss(
        rig.store.listLedgerEntries({ hedgeId: hedge.id }),
        hedge.legs,
        (leg) => marks[leg.index]?.markPrice ?? null,
      );
    }),
  );
  const known = results.filter((one) => one !== null);
  const accounts = await Promise.all([rig.alpha.account.account(), rig.beta.account.account()]);
  const change = sum(accounts.map((one) => one.equityUsd)).minus("200000");
  return { ledger: sum(known.map((one) => one.totalUsd)), change, known };
}

const move = fc.record({
  hours: fc.integer({ min: 0, max: 9 }),
  alpha: fc.integer({ min: 596_000, max: 604_000 }),
  beta: fc.integer({ min: 596_000, max: 604_000 }),
});

test("profit and loss is exactly the change of the accounts' equity, and its parts sum to it", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(move, { minLength: 1, maxLength: 5 }),
      fc.boolean(),
      fc.constantFrom("100", "0.1"),
      async (moves, close, depth) => {
        const rig = createTradingRig();
        rig.market.setDepth("beta", depth);
        await openHedge(rig.context, admitHedge(rig));
        for (const { hours, alpha, beta } of moves) {
          rig.clock.jump(hours * HOUR_MS);
          await book(rig);
          rig.market.setPrice("alpha", dec(String(alpha)).div("10").toFixed());
          rig.market.setPrice("beta", dec(String(beta)).div("10").toFixed());
        }
        const [hedge] = rig.store.listHedges(["open"]);
        if (close && hedge) await closeHedge(rig.context, { hedge });
        await book(rig);
        await book(rig);

        const { ledger, change, known } = await compare(rig);
        expect(ledger.toFixed()).toBe(change.toFixed());
        for (const one of known) {
          const parts = sum([one.priceUsd, one.fundingUsd, one.feesUsd, one.interestUsd]);
          expect(parts.toFixed()).toBe(one.totalUsd.toFixed());
        }
      },
    ),
    { numRuns: 40 },
  );
});

test("a missing mark makes the result unknown, not smaller", async () => {
  const rig = createTradingRig();
  const { hedge } = await openHedge(rig.context, admitHedge(rig));
  expect(profitAndLoss([], hedge.legs, () => null)).toBeNull();
});
