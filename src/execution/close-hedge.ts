import { ZERO } from "#src/core/decimal.ts";
import type { Hedge, HedgeLeg } from "#src/core/hedge.ts";
import {
  alertOwner,
  type ExecutionContext,
  onHedge,
  requireHedge,
  reviseHedge,
} from "./context.ts";
import { reduceLeg } from "./reduce-leg.ts";

const TRIES = 5;

export interface CloseResult {
  readonly hedge: Hedge;
  readonly outcome: "closed" | "partial";
  readonly detail: string;
}

/** Both legs at once, reduce-only, again until nothing is left of either. */
export async function closeHedge(
  context: ExecutionContext,
  { hedge }: { readonly hedge: Hedge },
): Promise<CloseResult> {
  const result = await onHedge(context, hedge.id, () => closeBoth(context, hedge.id));
  return result ?? { hedge, outcome: "partial", detail: "something else works on this hedge" };
}

async function closeBoth(context: ExecutionContext, hedgeId: string): Promise<CloseResult> {
  const { store, clock, settings } = context;
  const phase = requireHedge(store, hedgeId).phase;
  if (phase === "closed") {
    return { hedge: requireHedge(store, hedgeId), outcome: "closed", detail: "already closed" };
  }
  reviseHedge(context, hedgeId, () => ({ phase: "closing" }));
  for (let tries = 0; tries < TRIES; tries += 1) {
    if (tries > 0) await clock.sleep(settings.retryDelayMs);
    const { legs } = requireHedge(store, hedgeId);
    // From the third try getting out matters more than the price.
    const slippage = tries < 2 ? settings.maxSlippage : settings.emergencySlippage;
    await Promise.all(legs.map((leg) => closeLeg(context, hedgeId, leg, slippage)));
    const hedge = closeIfFlat(context, hedgeId);
    if (hedge) return { hedge, outcome: "closed", detail: "both legs closed" };
  }
  return stillOpen(context, hedgeId);
}

async function closeLeg(
  context: ExecutionContext,
  hedgeId: string,
  leg: HedgeLeg,
  slippage: ExecutionContext["settings"]["maxSlippage"],
): Promise<void> {
  if (leg.heldBase.eq(ZERO)) return;
  const { venue, symbol, heldBase: sizeBase, index: legIndex } = leg;
  try {
    const wanted = { hedgeId, legIndex, venue, symbol, sizeBase, slippage };
    await reduceLeg(context, { ...wanted, purpose: "close" });
  } catch (error) {
    context.log.warn("closeLegFailed", { hedgeId, venue, symbol, error });
  }
}

/** The closed hedge once both legs hold nothing and nothing is in flight; null before. */
export function closeIfFlat(context: ExecutionContext, hedgeId: string): Hedge | null {
  const { store, clock } = context;
  return store.transaction(() => {
    const hedge = requireHedge(store, hedgeId);
    if (hedge.phase === "closed") return hedge;
    const flat = hedge.legs.every((leg) => leg.heldBase.eq(ZERO));
    const inFlight = store.listAttempts({ hedgeId, states: ["intent", "sent", "unknown"] });
    if (!flat || inFlight.length > 0) return null;
    return store.updateHedge(hedge, { phase: "closed", closedAt: clock.marketNow() });
  });
}

function stillOpen(context: ExecutionContext, hedgeId: string): CloseResult {
  const { store } = context;
  const hedge = requireHedge(store, hedgeId);
  const left = hedge.legs
    .map((leg) => `${leg.venue} ${leg.symbol} ${leg.heldBase.toFixed()}`)
    .join(", ");
  store.transaction(() =>
    alertOwner(
      context,
      "critical",
      `${hedge.asset} ${hedgeId} is not closed yet: left are ${left}. It is tried again every minute; /kill closes everything.`,
    ),
  );
  return { hedge, outcome: "partial", detail: left };
}
