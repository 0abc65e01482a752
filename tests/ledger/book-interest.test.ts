import { expect, test } from "bun:test";
import { dec } from "#src/core/decimal.ts";
import { DAY_MS } from "#src/core/funding.ts";
import type { Side } from "#src/core/hedge.ts";
import { bookInterest } from "#src/ledger/book-interest.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { openCheck } from "#tests/support/builders.ts";
import { createPaperRig } from "#tests/support/paper-rig.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";
import { plannedHedge } from "#tests/support/trading-rig.ts";

const spot = { symbol: "BTC-SPOT", kind: "spot", maxLeverage: dec("1") } as const;

/** How long before the first look interest is asked for, of a venue where a hedge was opened a week ago. */
async function askedFor(legs: Parameters<typeof openCheck>[0]): Promise<number> {
  const { venue, clock } = createPaperRig({ cash: "1000", market: {} });
  const store = openStore({ path: ":memory:", wallNow: clock.wallNow });
  const { proposal } = openCheck(legs);
  const openedAt = clock.marketNow() - 7 * DAY_MS;
  store.transaction(() => {
    store.insertProposal(proposal, "hash");
    store.insertHedge({ ...plannedHedge("H-1", proposal, clock.marketNow()), openedAt });
  });
  const asked: number[] = [];
  const interestPayments = async (since: number) => {
    asked.push(since);
    return [];
  };
  const account = { ...venue.account, interestPayments };
  await bookInterest({
    ...{ store, clock, log: silentLogger, refresh: () => undefined },
    venues: new Map([["alpha", { ...venue, account }]]),
  });
  store.close();
  return clock.marketNow() - (asked[0] ?? Number.NaN);
}

const beside = (side: Side) => ({ venue: "alpha", side, instrument: spot }) as const;

test("what a hedge was charged before the first look is its own", async () => {
  const weekAgo = await askedFor([beside("short"), { venue: "alpha", side: "long" }]);
  expect(weekAgo).toBe(7 * DAY_MS + 1);
});

test("loans from before the first look are the owner's where no hedge borrows", async () => {
  expect(await askedFor([{ venue: "alpha", side: "short" }, beside("long")])).toBe(0);
  const perps = [
    { venue: "alpha", side: "short" },
    { venue: "beta", side: "long" },
  ] as const;
  expect(await askedFor([...perps])).toBe(0);
});
