import { expect, test } from "bun:test";
import fc from "fast-check";
import { canonicalJson } from "#src/core/canonical-hash.ts";
import type { HedgePhase } from "#src/core/hedge.ts";
import type { OrderAttempt } from "#src/core/order.ts";
import { baseSize, price, usd } from "#src/core/units.ts";
import type { EngineStore } from "#src/ports/store.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { planFor } from "./life.ts";
import { MemoryStore } from "./memory-store.ts";

const step = fc.record({
  kind: fc.constantFrom("attempt", "move", "fill", "phase", "state", "fact", "alert", "broken"),
  which: fc.nat(3),
  leg: fc.constantFrom(0 as const, 1 as const),
  purpose: fc.constantFrom("open" as const, "close" as const, "kill" as const),
  to: fc.constantFrom("sent" as const, "unknown" as const, "done" as const, "dead" as const),
  phase: fc.constantFrom<HedgePhase>("open", "unwinding", "closing", "review", "closed"),
});

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

test("the store of the bulk simulation answers and refuses exactly as the real one", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const real = openStore({ path: ":memory:", wallNow: () => 0 });
      const { proposal, hash } = planFor("BTC perps");
      real.transaction(() => real.insertProposal(proposal, hash));
      const answers = [play(new MemoryStore(), steps), play(real, steps)];
      real.close();
      expect(answers[0]).toEqual(answers[1]);
    }),
    { numRuns: 150 },
  );
});

/** Each step in a transaction of its own; what it changed, or that it was refused. */
function play(store: EngineStore & { alertsAbout(id: string): unknown }, steps: readonly Step[]) {
  store.transaction(() => store.insertHedge(hedge()));
  return steps.map((one) => {
    const accepted = attempt(store, one);
    return {
      accepted,
      state: store.tradingState(),
      fact: store.getFact("f"),
      hedge: canonicalJson(store.getHedge("H-BTC")),
      attempts: store
        .listAttempts({ hedgeId: "H-BTC" })
        .map((row) => `${row.clientOrderId} ${row.state}`),
      live: store.listAttempts({ states: ["intent", "sent", "unknown"] }).length,
      taken: [store.hasLiveAttempt("H-BTC", 0), store.hasLiveAttempt("H-BTC", 1)],
      count: store.countAttempts("H-BTC"),
      fills: store.listFills("H-BTC").map((fill) => fill.tradeId),
      alerts: store.alertsAbout("H-BTC"),
      open: store.listHedges(["opening", "open"]).length,
    };
  });
}

function attempt(store: EngineStore, one: Step): boolean {
  try {
    store.transaction(() => apply(store, one));
    return true;
  } catch {
    return false;
  }
}

function apply(store: EngineStore, { kind, which, leg, purpose, to, phase }: Step): void {
  const now = store.getHedge("H-BTC");
  if (kind === "attempt") store.insertAttempt(attemptRow(`a${which}`, leg, purpose));
  if (kind === "move") store.moveAttempt(`a${which}`, to, "why");
  if (kind === "fill") store.insertFill(fillRow(`t${which}`), "H-BTC");
  if (kind === "phase" && now) store.updateHedge(now, { phase });
  if (kind === "state") store.setTradingState(which === 0 ? "halted" : "active");
  if (kind === "fact") store.setFact("f", `${which}`);
  if (kind === "alert") store.enqueue(alertAbout("H-BTC"));
  if (kind === "broken") {
    store.setFact("f", "never");
    store.setTradingState("reducing");
    store.enqueue(alertAbout("H-BTC"));
    store.insertFill(fillRow("never"), "H-BTC");
    throw new Error("taken back");
  }
}

function alertAbout(hedgeId: string) {
  const content = { type: "alert", text: "x", reason: "DUST", hedgeId } as const;
  return { severity: "warning", chatId: 1, content } as const;
}

function hedge() {
  const leg = (index: 0 | 1) => {
    const { venue, symbol, side, sizeBase } = planFor("BTC perps").proposal.legs[index];
    const targetBase = sizeBase;
    return { index, venue, symbol, side, targetBase, heldBase: baseSize("0"), entryPrice: null };
  };
  return {
    ...({
      id: "H-BTC",
      asset: "BTC",
      phase: "opening",
      version: 1,
      proposalId: "BTC perps",
    } as const),
    ...{ mandateId: null, openedAt: 1, closedAt: null, createdAtWall: 1 },
    legs: [leg(0), leg(1)] as const,
  };
}

function attemptRow(id: string, legIndex: 0 | 1, purpose: OrderAttempt["purpose"]): OrderAttempt {
  return {
    ...{ clientOrderId: id, hedgeId: "H-BTC", legIndex, attemptNo: 1, purpose, state: "sent" },
    ...{ outcomeDetail: null, createdAt: 1, createdAtWall: 1 },
    request: {
      ...{ venue: "alpha", symbol: "BTC-PERP", clientOrderId: id, side: "sell", expiresAt: 1 },
      ...{ timeInForce: "ioc", reduceOnly: false },
      ...{ sizeBase: baseSize("0.5"), limitPrice: price("60000") },
    },
  };
}

function fillRow(tradeId: string) {
  return {
    ...({
      venue: "alpha",
      symbol: "BTC-PERP",
      tradeId,
      clientOrderId: "a0",
      side: "sell",
    } as const),
    ...({ liquidity: "taker", cause: "order", filledAt: 1, feeUsd: usd("1") } as const),
    ...{ sizeBase: baseSize("0.1"), price: price("60000") },
  };
}
