import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { dec, sum, ZERO } from "#src/core/decimal.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import type { Hedge, HedgeLeg } from "#src/core/hedge.ts";
import { baseSize } from "#src/core/units.ts";
import { holding } from "#src/execution/legs/book-fills.ts";
import { bookFunding } from "#src/ledger/book-funding.ts";
import { bookInterest } from "#src/ledger/book-interest.ts";
import { postFills } from "#src/ledger/post-entry.ts";
import { profitAndLoss } from "#src/ledger/profit-and-loss.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { openCheck } from "#tests/support/builders.ts";
import { createPaperRig } from "#tests/support/paper-rig.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";
import { plannedHedge } from "#tests/support/trading-rig.ts";

const SPOT = "BTC-SPOT";
const CASH = "100000";

const step = fc.record({
  /** A round of trading on either leg, time that passes, or a market that moves. */
  kind: fc.constantFrom("enter", "exit", "wait", "price", "depth"),
  leg: fc.constantFrom(0 as const, 1 as const),
  lots: fc.integer({ min: 1, max: 300 }),
  dollars: fc.integer({ min: 5_000, max: 7_000 }),
});

/** A hedge of spot and perp on one venue, entered and left in any pieces. */
async function live(
  spotSide: "long" | "short",
  steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[],
) {
  const rig = createPaperRig({
    cash: CASH,
    market: { spot: {}, price: "6000", depth: "5", borrowPerHour: "0.00002" },
  });
  const { venue, clock, market } = rig;
  const store = openStore({ path: ":memory:", wallNow: clock.wallNow });
  const spot = { symbol: SPOT, kind: "spot", maxLeverage: dec("1") } as const;
  const perpSide = spotSide === "long" ? "short" : "long";
  const { proposal } = openCheck([
    { venue: "alpha", side: spotSide, instrument: spot },
    { venue: "alpha", side: perpSide },
  ]);
  const hedge: Hedge = { ...plannedHedge("H-1", proposal, clock.marketNow()), openedAt: 0 };
  store.transaction(() => {
    store.insertProposal(proposal, "hash");
    store.insertHedge(hedge);
  });
  const venues = new Map([["alpha", venue]]);
  const parts = { store, venues, clock, log: silentLogger, refresh: () => undefined };
  await bookInterest(parts);
  const mark = async () => (await venue.data.marketStats("BTC-PERP")).markPrice;
  const order = async (leg: HedgeLeg, lots: number, closes: boolean) => {
    const side = (leg.side === "long") === closes ? "sell" : "buy";
    const size = dec(String(lots)).times("0.001");
    const limit = (await mark()).plus(side === "buy" ? "0.5" : "-0.5").toFixed();
    const wanted = { symbol: leg.symbol, size: size.toFixed(), limit, side, reduceOnly: closes };
    const answer = await rig.place({ ...wanted, side });
    if (answer.kind !== "ack") return;
    store.transaction(() => {
      for (const fill of answer.fills) store.insertFill(fill, "H-1");
    });
  };
  for (const one of steps) {
    const leg = hedge.legs[one.leg];
    if (one.kind === "enter" || one.kind === "exit")
      await order(leg, one.lots, one.kind === "exit");
    else if (one.kind === "wait") rig.jump(one.lots * (HOUR_MS / 20));
    else if (one.kind === "price") market.setPrice("alpha", String(one.dollars));
    else market.setDepth("alpha", dec(String(one.lots)).times("0.0007").toFixed());
  }
  await bookFunding(parts);
  await bookInterest(parts);
  store.transaction(() => void postFills(store));
  const fills = store.listFills("H-1");
  const legs = hedge.legs.map((leg) => ({
    ...leg,
    heldBase: baseSize(holding(leg, fills).heldBase),
  }));
  const positions = await venue.account.positions();
  const markNow = await mark();
  const pnl = profitAndLoss(store.listLedgerEntries({ hedgeId: "H-1" }), legs, () => markNow);
  const { equityUsd } = await venue.account.account();
  store.close();
  return { legs, positions, pnl, equityUsd, mark: markNow };
}

describe("profit and loss of spot and perp", () => {
  test.each(["long", "short"] as const)(
    "with spot %s: begun with, earned in parts, and left over are exactly the equity, whatever happens",
    async (spotSide) => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 16 }), async (steps) => {
          const { legs, positions, pnl, equityUsd, mark } = await live(spotSide, steps);
          if (!pnl) throw new Error("every mark is known");
          const parts = [pnl.priceUsd, pnl.fundingUsd, pnl.feesUsd, pnl.interestUsd];
          expect(sum(parts).toFixed()).toBe(pnl.totalUsd.toFixed());
          const spot = legs.find((leg) => leg.symbol === SPOT);
          const booked = spot?.side === "short" ? spot.heldBase.neg() : (spot?.heldBase ?? ZERO);
          const reported = positions.find((one) => one.symbol === SPOT)?.sizeBase ?? ZERO;
          const left = reported.minus(booked);
          expect(left.gte(ZERO) && left.lt("0.0001")).toBe(true);
          const expected = sum([dec(CASH), pnl.totalUsd, left.times(mark)]);
          expect(equityUsd.toFixed()).toBe(expected.toFixed());
        }),
        { numRuns: 12 },
      );
    },
  );
});
