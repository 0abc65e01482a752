import { canonicalHash } from "#src/core/canonical-hash.ts";
import { dec } from "#src/core/decimal.ts";
import type { Hedge } from "#src/core/hedge.ts";
import type { OpenProposal } from "#src/core/proposal.ts";
import { baseSize, price, signedBase } from "#src/core/units.ts";
import type { ExecutionContext } from "#src/execution/context.ts";
import { createEngineMemory } from "#src/execution/engine-memory.ts";
import { checkOpen } from "#src/guard/check.ts";
import type { Ticket } from "#src/guard/ticket.ts";
import type { Ids } from "#src/ports/ids.ts";
import type { Records } from "#src/ports/records.ts";
import type { Store } from "#src/ports/store.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { createPaperVenue } from "#src/venues/paper/paper-venue.ts";
import { approvalOf, openCheck } from "#tests/support/builders.ts";
import { createJumpingClock } from "#tests/support/fake-clock.ts";
import { createFaultyVenue } from "#tests/support/faulty-venue.ts";
import { createMemoryRecords } from "#tests/support/memory-records.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";
import { createSteadyMarket } from "#tests/support/steady-market.ts";

/** Two paper venues, a store and the engine over them; the same parts can be put together again. */
export function createTradingRig(
  parts: {
    readonly records?: Records;
    readonly store?: Store;
    readonly shout?: (text: string) => void;
    /** Of the venue alpha: its spot, loans and depth. */
    readonly alpha?: Parameters<typeof createSteadyMarket>[0][string];
  } = {},
) {
  const clock = createJumpingClock();
  const market = createSteadyMarket({ alpha: parts.alpha ?? {}, beta: {} });
  const records = parts.records ?? createMemoryRecords();
  const store = parts.store ?? openStore({ path: ":memory:", wallNow: clock.wallNow });
  const venue = (id: string) =>
    createFaultyVenue(
      createPaperVenue({
        id,
        feed: market,
        records,
        clock,
        startingCashUsd: "100000",
        leverage: dec("3"),
      }),
    );
  const [alpha, beta] = [venue("alpha"), venue("beta")];
  const context: ExecutionContext = {
    venues: new Map([
      ["alpha", alpha],
      ["beta", beta],
    ]),
    store,
    clock,
    ids: createCountingIds(),
    log: silentLogger,
    limits: openCheck().limits,
    memory: createEngineMemory(clock.elapsedMs()),
    shout: parts.shout ?? (() => undefined),
    settings: {
      orderLifeMs: 5_000,
      makerWaitMs: 0,
      secondLegTries: 2,
      retryDelayMs: 100,
      maxSlippage: dec("0.0005"),
      emergencySlippage: dec("0.01"),
      rebalance: { maxDrift: dec("0.03"), minUsd: dec("100"), intervalMs: 300_000 },
    },
  };
  store.transaction(() => {
    store.setFact("ownerId", "1");
    store.setFact("chatId", "1");
  });
  return { context, alpha, beta, clock, market, records, store };
}

export type TradingRig = ReturnType<typeof createTradingRig>;

/** What an approved tap would have written: the plan, the hedge in phase opening, the guard's ticket. */
export function admitHedge(
  { store, context }: Pick<TradingRig, "store" | "context">,
  id = "H-1",
  mandateId: string | null = null,
  check = openCheck(),
): { readonly hedge: Hedge; readonly proposal: OpenProposal; readonly ticket: Ticket } {
  const [a, b] = check.proposal.legs;
  const now = context.clock.wallNow();
  const proposal: OpenProposal = {
    ...check.proposal,
    id: `P-${id}`,
    createdAt: now,
    expiresAt: now + 120_000,
    legs: [
      { ...a, collarPrice: price(a.side === "long" ? "60030" : "59970") },
      { ...b, collarPrice: price(b.side === "long" ? "60030" : "59970") },
    ],
  };
  const seen = check.snapshot.legs.map((leg) => ({
    ...leg,
    book: { ...leg.book, observedAt: now },
    funding: { ...leg.funding, observedAt: now },
    account: { ...leg.account, observedAt: now },
    positionBase: signedBase("0"),
  }));
  const [first, second] = seen;
  if (!first || !second) throw new Error("two legs");
  const verdict = checkOpen({
    ...check,
    proposal,
    now,
    snapshot: { ...check.snapshot, legs: [first, second] },
    proposalHash: canonicalHash(proposal),
    authority: approvalOf(proposal),
  });
  if (!verdict.ok) throw new Error(JSON.stringify(verdict.denials));
  const hedge = { ...plannedHedge(id, proposal, now), mandateId };
  store.transaction(() => {
    store.insertProposal(proposal, canonicalHash(proposal));
    store.setProposalState(proposal.id, "approved");
    store.insertHedge(hedge);
  });
  return { hedge, proposal, ticket: verdict.ticket };
}

/** Signed positions on both venues: what the world says, whatever the books say. */
export async function positionsOf({
  alpha,
  beta,
}: Pick<TradingRig, "alpha" | "beta">): Promise<readonly string[]> {
  const lists = await Promise.all([alpha.account.positions(), beta.account.positions()]);
  return lists.map((list) => list[0]?.sizeBase.toFixed() ?? "0");
}

export function createCountingIds(): Ids {
  let count = 0;
  const take = (prefix: string) => {
    count += 1;
    return `${prefix}-${count}`;
  };
  return { next: take, nonce: () => take("nonce") };
}

export function plannedHedge(id: string, proposal: OpenProposal, now: number): Hedge {
  const leg = (index: 0 | 1) => {
    const { venue, symbol, side, sizeBase } = proposal.legs[index];
    return {
      index,
      venue,
      symbol,
      side,
      targetBase: sizeBase,
      heldBase: baseSize("0"),
      entryPrice: null,
    };
  };
  return {
    id,
    asset: proposal.asset,
    phase: "opening",
    proposalId: proposal.id,
    mandateId: null,
    legs: [leg(0), leg(1)],
    openedAt: now,
    closedAt: null,
    createdAtWall: now,
    version: 1,
  };
}
