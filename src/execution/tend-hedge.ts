import { ZERO } from "#src/core/decimal.ts";
import { closeBoth } from "./close-hedge.ts";
import { type ExecutionContext, hasLiveAttempt, onHedge, requireHedge } from "./context.ts";
import { difference, matchLegs } from "./match-legs.ts";
import { reconcile } from "./reconcile.ts";
import { resolveStale } from "./resolve-attempt.ts";

/**
 * What every round does for one hedge that nobody works on: asks after its open orders, compares books
 * and venues, and goes on from where it stands: legs made equal, closing carried on.
 */
export async function tendHedge(context: ExecutionContext, hedgeId: string): Promise<void> {
  await onHedge(context, hedgeId, async () => {
    const { store, memory, clock } = context;
    await resolveStale(context, (attempt) => attempt.hedgeId === hedgeId);
    if (hasLiveAttempt(context, hedgeId)) return;
    const startedMs = clock.elapsedMs();
    const found = await reconcile(context, hedgeId);
    if (found !== "agrees" && found !== "adopted") return;
    const hedge = requireHedge(store, hedgeId);
    const apart = difference(hedge);
    const neutral = apart.eq(ZERO) || store.getFact(`dust:${hedgeId}`) === apart.toFixed();
    if (neutral) memory.neutralMs.set(hedgeId, startedMs);
    if (hedge.phase === "closing") await closeBoth(context, hedgeId);
    else if (!neutral || hedge.phase !== "open" || hedge.legs[0].heldBase.eq(ZERO)) {
      await matchLegs(context, hedgeId, hedge.phase === "open" ? "rebalance" : "unwind");
    }
  });
}
