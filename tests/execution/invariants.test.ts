import { describe, expect, test } from "bun:test";
import type { Hedge } from "#src/core/hedge.ts";
import type { Fill, OrderAttempt } from "#src/core/order.ts";
import { baseSize, price, signedBase, usd } from "#src/core/units.ts";
import { checkInvariants, INVARIANTS } from "#src/execution/invariants/check-invariants.ts";
import type { EngineView, HedgeView } from "#src/execution/invariants/engine-view.ts";

const NOW = 1_770_000_000_000;

describe("the engine's contract", () => {
  test("holds for an open hedge with equal legs", () => {
    expect(checkInvariants(healthy())).toEqual([]);
  });

  test.each(Object.entries(BROKEN()))("%s is noticed when it is broken", (rule, breakIt) => {
    const found = checkInvariants(breakIt(healthy())).map((violation) => violation.rule);
    expect(found).toContain(rule);
  });

  test("T1 lets interest part the legs, and nothing beyond it", () => {
    const parted = (long: string) =>
      hedgeWith((one) => ({
        hedge: withHeld(one.hedge, "0.52", long),
        fills: [fill("Ho0n1xa", "t1", 0, "0.5"), fill("interest:1", "interest:1", 0, "0.02")],
      }))(healthy());
    const found = (long: string) =>
      checkInvariants(parted(long)).filter((violation) => violation.rule === "T1");
    expect(found("0.49")).toEqual([]);
    expect(found("0.48")).toHaveLength(1);
  });

  test("every rule has a case here", () => {
    expect(Object.keys(BROKEN()).sort()).toEqual(Object.keys(INVARIANTS).sort());
  });
});

type Break = (view: EngineView) => EngineView;

/** For each rule the smallest thing that breaks it. */
function BROKEN(): Readonly<Record<string, Break>> {
  return {
    S1: (view) => ({ ...view, wire: view.wire.map((one) => ({ ...one, durable: null })) }),
    S2: (view) => ({ ...view, wire: [...view.wire, ...view.wire] }),
    S3: hedgeWith((one) => ({
      attempts: [...one.attempts, ...live("a"), ...live("b")],
    })),
    S4: hedgeWith((one) => ({
      attempts: one.attempts.map((row) => ({ ...row, state: "dead", outcomeDetail: "EXPIRED" })),
    })),
    S5: hedgeWith((one) => ({ attempts: [...one.attempts, ...live("a")] })),
    S6: hedgeWith((one) => ({
      attempts: one.attempts.map((row) => ({ ...row, purpose: "close" as const })),
    })),
    S7: hedgeWith(() => ({ authority: null })),
    S8: (view) => ({
      ...view,
      wire: view.wire.map((one) => ({ ...one, sentAt: one.request.expiresAt + 1 })),
    }),
    S9: (view) => ({ ...view, wire: view.wire.map((one) => ({ ...one, tradingState: "halted" })) }),
    S10: hedgeWith((one) => ({
      fills: [...one.fills, fill("H2o0n1xabc", "t9", 0, "0.1"), fill("by-hand", "t8", 0, "0")],
    })),
    T1: hedgeWith((one) => ({ hedge: withHeld(one.hedge, "0.5", "0.4") })),
    T2: (view) => ({
      ...hedgeWith(() => ({ unsureSinceMs: 0 }))(view),
      nowMs: 61_000,
      positionOf: () => signedBase("0"),
    }),
    T3: hedgeWith((one) => ({ fills: [...one.fills, ...one.fills] })),
    T4: (view) => ({
      ...view,
      before: new Map(
        view.hedges.map((one) => [one.hedge.id, { ...one, hedge: { ...one.hedge, version: 9 } }]),
      ),
    }),
    T5: hedgeWith((one) => ({ hedge: withHeld(one.hedge, "0.4", "0.4") })),
    T6: (view) => ({ ...view, auditIntact: false }),
    T7: hedgeWith((one) => ({ hedge: { ...one.hedge, phase: "review" } })),
    L1: (view) => ({
      ...hedgeWith((one) => ({ attempts: [...one.attempts, ...live("a")], unsureSinceMs: 0 }))(
        view,
      ),
      nowMs: 60_000,
      wallNow: NOW + 60_000,
    }),
    L2: (view) => ({ ...hedgeWith(() => ({ unsureSinceMs: 0 }))(view), nowMs: 60_001 }),
    L3: (view) => ({ ...view, recoveringMs: 30_001 }),
    L4: (view) => ({ ...view, killDurableMs: 2_001 }),
    L5: hedgeWith((one) => ({
      attempts: one.attempts.map((row) => ({
        ...row,
        purpose: "close" as const,
        outcomeDetail: "halted",
      })),
    })),
  };
}

function hedgeWith(change: (one: HedgeView) => Partial<HedgeView>): Break {
  return (view) => ({ ...view, hedges: view.hedges.map((one) => ({ ...one, ...change(one) })) });
}

function healthy(): EngineView {
  const attempts = [attempt("Ho0n1xa", 0), attempt("Ho1n2xb", 1)];
  const hedge: Hedge = {
    ...{ id: "H-1", asset: "BTC", phase: "open", proposalId: "P-1", mandateId: null, version: 4 },
    legs: [
      { index: 0, venue: "alpha", symbol: "BTC", side: "short", ...held("0.5") },
      { index: 1, venue: "beta", symbol: "BTC", side: "long", ...held("0.5") },
    ],
    ...{ openedAt: NOW, closedAt: null, createdAtWall: NOW },
  };
  const one: HedgeView = {
    ...{ hedge, attempts, alerts: [], authority: "approval", dustBase: null, unsureSinceMs: null },
    fills: [fill("Ho0n1xa", "t1", 0, "0.5"), fill("Ho1n2xb", "t2", 1, "0.5")],
    lotBase: baseSize("0.01"),
  };
  return {
    ...{ nowMs: 1_000, wallNow: NOW, tradingState: "active", hedges: [one] },
    wire: attempts.map((row) => ({
      ...{ request: row.request, durable: { ...row, state: "sent" as const } },
      ...{ sentAt: NOW, tradingState: "active" as const },
    })),
    positionOf: (venue) => signedBase(venue === "alpha" ? "-0.5" : "0.5"),
    before: new Map([["H-1", one]]),
    ...{ ticketLifeMs: 120_000, auditIntact: true, recoveringMs: null, killDurableMs: null },
  };
}

function held(size: string) {
  return { targetBase: baseSize("0.5"), heldBase: baseSize(size), entryPrice: price("60000") };
}

function withHeld(hedge: Hedge, first: string, second: string): Hedge {
  const [a, b] = hedge.legs;
  return {
    ...hedge,
    legs: [
      { ...a, heldBase: baseSize(first) },
      { ...b, heldBase: baseSize(second) },
    ],
  };
}

/** An opening order of unknown fate on the first leg. */
function live(id: string): readonly OrderAttempt[] {
  return [{ ...attempt(`Ho0n9x${id}`, 0), state: "unknown", outcomeDetail: null }];
}

function attempt(clientOrderId: string, legIndex: 0 | 1): OrderAttempt {
  const side = legIndex === 0 ? "sell" : "buy";
  return {
    ...{ clientOrderId, hedgeId: "H-1", legIndex, attemptNo: 1, purpose: "open", state: "done" },
    request: {
      ...{ venue: legIndex === 0 ? "alpha" : "beta", symbol: "BTC", clientOrderId, side },
      ...{ sizeBase: baseSize("0.5"), limitPrice: price("60000"), timeInForce: "ioc" },
      ...{ reduceOnly: false, expiresAt: NOW + 10_000 },
    },
    ...{ outcomeDetail: "filled", createdAt: NOW, createdAtWall: NOW },
  };
}

function fill(clientOrderId: string, tradeId: string, legIndex: 0 | 1, size: string): Fill {
  return {
    ...{ venue: legIndex === 0 ? "alpha" : "beta", symbol: "BTC", tradeId, clientOrderId },
    ...{ side: legIndex === 0 ? "sell" : "buy", sizeBase: baseSize(size), price: price("60000") },
    ...{ feeUsd: usd("1"), liquidity: "taker", cause: "order", filledAt: NOW },
  };
}
