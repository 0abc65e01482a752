import { ZERO } from "#src/core/decimal.ts";
import type { Hedge } from "#src/core/hedge.ts";
import { alertOwner, type ExecutionContext, requireHedge, reviseHedge } from "./context.ts";
import { reduceLeg } from "./reduce-leg.ts";

const TRIES = 4;

/**
 * Cuts the larger leg down to the smaller one and settles the hedge's phase: open with equal legs, closed
 * with none, under review (and alerted) when a difference is left.
 */
export async function matchLegs(
  context: ExecutionContext,
  hedgeId: string,
): Promise<{ readonly hedge: Hedge; readonly outcome: "open" | "unwound" | "review" }> {
  const { settings, clock, store } = context;
  for (
    let tries = 0;
    tries < TRIES && difference(requireHedge(store, hedgeId)).gt(ZERO);
    tries += 1
  ) {
    if (tries > 0) await clock.sleep(settings.retryDelayMs);
    reviseHedge(context, hedgeId, (one) =>
      one.phase === "opening" ? { phase: "unwinding" } : null,
    );
    await cutLarger(context, requireHedge(store, hedgeId));
  }
  return settlePhase(context, hedgeId);
}

async function cutLarger(context: ExecutionContext, hedge: Hedge): Promise<void> {
  const [first, second] = hedge.legs;
  const larger = first.heldBase.gt(second.heldBase) ? first : second;
  const { venue, symbol, index: legIndex } = larger;
  try {
    await reduceLeg(context, {
      ...{ hedgeId: hedge.id, legIndex, venue, symbol },
      sizeBase: difference(hedge),
      purpose: "unwind",
      slippage: context.settings.emergencySlippage,
    });
  } catch (error) {
    context.log.warn("unwindFailed", { hedgeId: hedge.id, error });
  }
}

function settlePhase(
  context: ExecutionContext,
  hedgeId: string,
): { readonly hedge: Hedge; readonly outcome: "open" | "unwound" | "review" } {
  const { clock, store } = context;
  return store.transaction(() => {
    const now = requireHedge(store, hedgeId);
    const open = store.listAttempts({ hedgeId, states: ["intent", "sent", "unknown"] }).length > 0;
    if (difference(now).gt(ZERO) || open) {
      const [a, b] = now.legs;
      const text = `${now.asset} ${hedgeId} is not neutral: ${a.venue} ${a.heldBase.toFixed()}, ${b.venue} ${b.heldBase.toFixed()}. It is still being worked on; /kill closes everything.`;
      alertOwner(context, "critical", text);
      const hedge = now.phase === "review" ? now : store.updateHedge(now, { phase: "review" });
      return { hedge, outcome: "review" };
    }
    if (now.legs[0].heldBase.eq(ZERO)) {
      const hedge =
        now.phase === "closed"
          ? now
          : store.updateHedge(now, { phase: "closed", closedAt: clock.marketNow() });
      return { hedge, outcome: "unwound" };
    }
    const hedge = now.phase === "open" ? now : store.updateHedge(now, { phase: "open" });
    return { hedge, outcome: "open" };
  });
}

/** How far the legs are apart. */
export function difference({ legs }: Hedge) {
  return legs[0].heldBase.minus(legs[1].heldBase).abs();
}
