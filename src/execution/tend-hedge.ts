import { ZERO } from "#src/core/decimal.ts";
import type { Hedge } from "#src/core/hedge.ts";
import { alertOwner } from "./alert-owner.ts";
import { closeBoth } from "./close-hedge.ts";
import { type ExecutionContext, hasLiveAttempt, onHedge, requireHedge } from "./context.ts";
import { resolveStale } from "./fate/resolve-attempt.ts";
import { driftOf, mayDrift } from "./judge-drift.ts";
import { isKillWanted } from "./kill/kill-wish.ts";
import { difference, matchLegs } from "./legs/match-legs.ts";
import { type Reads, reconcile } from "./reconcile.ts";

/**
 * What every round does for one hedge that nobody works on: asks after its open orders, compares books
 * and venues, and goes on from where it stands: legs made equal, closing carried on. `reads` may have
 * begun after `seen` was taken from the store.
 */
export async function tendHedge(
  context: ExecutionContext,
  seen: Hedge,
  reads: Reads = new Map(),
): Promise<void> {
  await onHedge(context, seen.id, async () => {
    const { store, memory, clock } = context;
    const startedMs = clock.elapsedMs();
    const asked = hasLiveAttempt(context, seen.id);
    if (asked) await resolveStale(context, (attempt) => attempt.hedgeId === seen.id);
    if (hasLiveAttempt(context, seen.id)) return;
    // What was read before an order's fate was known says nothing about it.
    const found = asked
      ? await reconcile(context, requireHedge(store, seen.id), new Map())
      : await reconcile(context, seen, reads);
    if (found !== "agrees" && found !== "adopted") return;
    const hedge = requireHedge(store, seen.id);
    const apart = difference(hedge);
    const known = store.getFact(`dust:${hedge.id}`) === apart.toFixed();
    const neutral = apart.eq(ZERO) || known || mayDrift(context, hedge);
    if (neutral) {
      memory.neutralMs.set(hedge.id, startedMs);
      // What goes wrong from here on is news again.
      for (const what of ["unsure", "notNeutral", "unexplained"]) {
        memory.toldMs.delete(`${what}:${hedge.id}`);
      }
    }
    if (hedge.phase === "closing") {
      // A /kill that goes on closes it by itself.
      const rests = clock.elapsedMs() < (memory.restUntilMs.get(hedge.id) ?? 0);
      if (!rests && !isKillWanted(context)) await closeBoth(context, hedge.id);
    } else if (!neutral || hedge.phase !== "open" || hedge.legs[0].heldBase.eq(ZERO)) {
      const parted = driftOf(context, hedge);
      await matchLegs(context, hedge.id, hedge.phase === "open" ? "rebalance" : "unwind");
      if (!parted) return;
      // Only now: an attempt that a full disk cut off is no look, and the next round makes up for it.
      memory.driftMs.set(hedge.id, startedMs);
      tellBoughtBack(context, hedge);
    }
  });
}

/** Nobody tapped for it, so it is told; what stopped it has words of its own. */
function tellBoughtBack(context: ExecutionContext, before: Hedge): void {
  const { id, asset } = before;
  const cut = difference(before).minus(difference(requireHedge(context.store, id)));
  if (cut.lte(ZERO)) return;
  const alert = {
    severity: "info",
    reason: "DUST",
    hedgeId: id,
    text: `${asset} ${id}: ${cut.toFixed()} ${asset} were bought back, reduce-only, because interest had made the loan larger than the other leg. The legs are even again, and go on being watched.`,
  } as const;
  context.store.transaction(() => alertOwner(context, alert));
}
