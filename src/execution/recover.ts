import type { Hedge } from "#src/core/hedge.ts";
import { closeHedge } from "./close-hedge.ts";
import type { ExecutionContext } from "./context.ts";
import { onHedge } from "./context.ts";
import { difference, matchLegs } from "./match-legs.ts";
import { resolveAttempt } from "./resolve-attempt.ts";

/**
 * Start is recovery: what was never sent is dead, what may have been sent is asked after, and hedges that
 * stood between two states are brought to one. Safe to be cut off and run again.
 */
export async function recover(context: ExecutionContext): Promise<{ readonly resolved: number }> {
  const { store, log } = context;
  const open = store.listAttempts({ states: ["intent", "sent", "unknown"] });
  for (const attempt of open) {
    if (attempt.state === "intent") {
      store.transaction(() => store.moveAttempt(attempt.clientOrderId, "dead", "never sent"));
    } else {
      if (attempt.state === "sent") {
        store.transaction(() => store.moveAttempt(attempt.clientOrderId, "unknown", "restart"));
      }
      const resolved = await resolveAttempt(context, attempt);
      log.info("recovered", {
        clientOrderId: attempt.clientOrderId,
        fate: resolved?.detail ?? "unknown",
      });
    }
  }
  for (const hedge of store.listHedges(["opening", "unwinding", "review"])) {
    await onHedge(context, hedge.id, () => matchLegs(context, hedge.id));
  }
  for (const hedge of store.listHedges(["closing"])) await closeHedge(context, { hedge });
  return { resolved: open.length };
}

/** A hedge under review is asked after again: what its lost orders did, and whether its legs now match. */
export async function resumeReview(context: ExecutionContext, hedge: Hedge): Promise<void> {
  const { store } = context;
  await onHedge(context, hedge.id, async () => {
    const open = store.listAttempts({ hedgeId: hedge.id, states: ["sent", "unknown"] });
    if (open.length === 0 && difference(hedge).eq("0")) return;
    for (const attempt of open) await resolveAttempt(context, attempt);
    await matchLegs(context, hedge.id);
  });
}
