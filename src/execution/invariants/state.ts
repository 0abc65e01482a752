import { type Decimal, sum, ZERO } from "#src/core/decimal.ts";
import { grownIn } from "#src/core/figures/borrow.ts";
import { canMoveTo } from "#src/core/hedge.ts";
import { canAttemptMoveTo, type Fill } from "#src/core/order.ts";
import { holding } from "#src/execution/legs/book-fills.ts";
import { difference } from "#src/execution/legs/match-legs.ts";
import type { HedgeView, Invariant } from "./engine-view.ts";
import { broken, eachHedge, filledBy, isQuiet } from "./sending.ts";

/** T1: with nothing in flight an open hedge is neutral to one lot, or is held and was told of. */
export const delta: Invariant = (view) =>
  eachHedge(view, "T1", (one) => {
    const { hedge, dustBase, lotBase, alerts, fills } = one;
    if (!isQuiet(one) || (hedge.phase !== "open" && hedge.phase !== "closed")) return null;
    const apart = difference(hedge);
    // How far interest may put them apart is judged by the settings, not here.
    const allowed = sum([dustBase ?? lotBase ?? ZERO, grownIn(fills)]);
    const told = alerts.includes("POSITION_CHANGED") || alerts.includes("WRITTEN_OFF");
    if (apart.lte(allowed) || told) return null;
    return `${hedge.phase}, and the legs are ${apart.toFixed()} apart`;
  });

/** A difference is looked at twice, then explained or told of; that takes less than this. */
const EXPLAINED_MS = 60_000;

/** T2: what the books hold is what the venue holds, or soon the owner is told that it is not. */
export const booksAreTheVenue: Invariant = (view) =>
  eachHedge(view, "T2", (one) => {
    const { hedge, unsureSinceMs } = one;
    if (!isQuiet(one) || unsureSinceMs === null) return null;
    if (view.nowMs - unsureSinceMs <= EXPLAINED_MS) return null;
    for (const leg of hedge.legs) {
      const seen = view.positionOf(leg.venue, leg.symbol);
      const held = leg.side === "long" ? leg.heldBase : leg.heldBase.neg();
      const agrees = seen === null || (view.agrees?.(leg, seen) ?? seen.eq(held));
      if (!agrees) return `${leg.venue} holds ${seen.toFixed()}, the books ${held.toFixed()}`;
    }
    return null;
  });

/** T3: a fill is booked once, and what an order filled is the sum of its fills. */
export const fillsOnce: Invariant = (view) =>
  eachHedge(view, "T3", ({ fills, attempts }) => {
    const ids = fills.map((fill) => `${fill.venue}:${fill.tradeId}`);
    if (new Set(ids).size !== ids.length) return "a fill is booked twice";
    for (const attempt of attempts) {
      const { clientOrderId, request } = attempt;
      if (filledBy(attempt, fills).gt(request.sizeBase))
        return `${clientOrderId} filled more than it asked for`;
    }
    return null;
  });

/** T4: states move along the published edges only, and versions only up. */
export const transitions: Invariant = (view) =>
  eachHedge(view, "T4", (one) => {
    const was = view.before.get(one.hedge.id);
    return was ? illegalMove(was, one) : null;
  });

/** T5: what a leg holds and what it cost follow from its fills alone. */
export const recomputable: Invariant = (view) =>
  eachHedge(view, "T5", ({ hedge, fills }) => {
    for (const leg of hedge.legs) {
      const again = holding(leg, fills);
      if (hedge.phase === "closed" && isLateInterest(fills, again.heldBase.minus(leg.heldBase)))
        continue;
      const sameEntry = leg.entryPrice
        ? again.entryPrice?.eq(leg.entryPrice)
        : again.entryPrice === null;
      if (!again.heldBase.eq(leg.heldBase) || !sameEntry)
        return `leg ${leg.index} is not its fills`;
    }
    return null;
  });

/** It is charged, and booked, after the last order too; a hedge that is over does not change. */
function isLateInterest(fills: readonly Fill[], over: Decimal): boolean {
  return over.gt(ZERO) && over.lte(grownIn(fills));
}

/** T6: the audit chain is whole. */
export const auditChain: Invariant = ({ auditIntact }) =>
  auditIntact ? [] : [broken("T6", null, "the audit chain is broken")];

/** T7: a hedge that is held was told of. */
export const alertsAreState: Invariant = (view) =>
  eachHedge(view, "T7", ({ hedge, alerts }) =>
    hedge.phase === "review" && alerts.length === 0 ? "under review, and nobody was told" : null,
  );

function illegalMove(was: HedgeView, now: HedgeView): string | null {
  const [from, to] = [was.hedge, now.hedge];
  if (to.version < from.version) return "its version went back";
  if (from.phase === "closed" && to.version > from.version) return "it changed after it was closed";
  if (
    to.version === from.version + 1 &&
    from.phase !== to.phase &&
    !canMoveTo(from.phase, to.phase)
  )
    return `it went from ${from.phase} to ${to.phase}`;
  const states = new Map(now.attempts.map((one) => [one.clientOrderId, one.state]));
  for (const { clientOrderId, state } of was.attempts) {
    const next = states.get(clientOrderId);
    if (next === undefined) return `${clientOrderId} is gone`;
    if (next !== state && !canAttemptMoveTo(state, next)) {
      return `${clientOrderId} went from ${state} to ${next}`;
    }
  }
  return null;
}
