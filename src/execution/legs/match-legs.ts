import { type Decimal, floorToStep, minOf, ZERO } from "#src/core/decimal.ts";
import type { Hedge, HedgeLeg } from "#src/core/hedge.ts";
import { commonStep } from "#src/core/instrument.ts";
import { alertOwner, isNews, sayingTransaction } from "#src/execution/alert-owner.ts";
import {
  type ExecutionContext,
  hasLiveAttempt,
  requireHedge,
  reviseHedge,
} from "#src/execution/context.ts";
import { instrumentOf } from "#src/execution/fate/ask-venue.ts";
import { driftOf } from "#src/execution/judge-drift.ts";
import { isTooSmall, reduceLeg } from "./reduce-leg.ts";
import { isLeftover, isStillOwed, readRepaidLoans } from "./spot-balance.ts";

const TRIES = 3;

export interface Matched {
  readonly hedge: Hedge;
  readonly outcome: "open" | "unwound" | "review";
}

/**
 * Cuts both legs down to the largest size that both venues can hold, and settles the hedge's phase: open
 * with equal legs, closed with none, under review (and alerted) when a difference is left.
 */
export async function matchLegs(
  context: ExecutionContext,
  hedgeId: string,
  purpose: "unwind" | "rebalance",
): Promise<Matched> {
  const { settings, clock, store } = context;
  let tooSmall = false;
  for (let tries = 0; tries < TRIES && !tooSmall; tries += 1) {
    if (difference(requireHedge(store, hedgeId)).eq(ZERO)) break;
    if (tries > 0) await clock.sleep(settings.retryDelayMs);
    reviseHedge(context, hedgeId, ({ phase }) =>
      phase === "opening" ? { phase: "unwinding" } : null,
    );
    try {
      tooSmall = await cutToCommon(context, requireHedge(store, hedgeId), purpose);
    } catch (error) {
      context.log.warn("cutFailed", { hedgeId, error });
    }
  }
  await readRepaidLoans(context, requireHedge(store, hedgeId));
  return settlePhase(context, hedgeId, tooSmall);
}

/** True when what is left to cut is smaller than a venue takes: then trying again is no use. */
async function cutToCommon(
  context: ExecutionContext,
  hedge: Hedge,
  purpose: "unwind" | "rebalance",
): Promise<boolean> {
  const common = await commonSize(context, hedge);
  const cuts = await Promise.all(
    hedge.legs.map((leg) => cutLeg(context, hedge.id, leg, leg.heldBase.minus(common), purpose)),
  );
  return cuts.some((detail) => detail !== null && isTooSmall(detail));
}

/** With one leg empty it is nothing, whatever the other venue trades: that one may be silent. */
async function commonSize(context: ExecutionContext, { legs: [a, b] }: Hedge): Promise<Decimal> {
  const smaller = minOf<Decimal>(a.heldBase, b.heldBase);
  if (smaller.eq(ZERO)) return ZERO;
  const [first, second] = await Promise.all([
    instrumentOf(context, a.venue, a.symbol),
    instrumentOf(context, b.venue, b.symbol),
  ]);
  return floorToStep(smaller, commonStep(first.lotStepBase, second.lotStepBase));
}

async function cutLeg(
  context: ExecutionContext,
  hedgeId: string,
  { venue, symbol, index: legIndex }: HedgeLeg,
  sizeBase: Decimal,
  purpose: "unwind" | "rebalance",
): Promise<string | null> {
  if (sizeBase.eq(ZERO)) return null;
  const slippage = context.settings.emergencySlippage;
  const wish = { hedgeId, legIndex, venue, symbol, sizeBase, purpose, slippage };
  const result = await reduceLeg(context, wish).catch((error: unknown) => {
    context.log.warn("cutLegFailed", { hedgeId, venue, symbol, error });
    return null;
  });
  return result?.detail ?? null;
}

function settlePhase(context: ExecutionContext, hedgeId: string, tooSmall: boolean): Matched {
  const { clock, store } = context;
  return sayingTransaction(context, `notNeutral:${hedgeId}`, (): Matched => {
    const now = requireHedge(store, hedgeId);
    const pending = hasLiveAttempt(context, hedgeId);
    const apart = difference(now);
    const nothing = now.legs.every((leg) => isLeftover(context, leg, leg.heldBase));
    if (!pending && nothing && now.legs.some((leg) => isStillOwed(context, leg)))
      return { hedge: goOnClosing(context, now), outcome: "unwound" };
    if (!pending && apart.gt(ZERO) && nothing)
      return { hedge: leave(context, now, apart), outcome: "unwound" };
    if (pending || (apart.gt(ZERO) && !tooSmall))
      return { hedge: hold(context, now), outcome: "review" };
    if (apart.gt(ZERO)) noteDust(context, now, apart);
    else if (now.legs[0].heldBase.eq(ZERO)) {
      if (now.phase === "closed") return { hedge: now, outcome: "unwound" };
      const change = { phase: "closed", closedAt: clock.marketNow() } as const;
      return { hedge: store.updateHedge(now, change), outcome: "unwound" };
    }
    // What is being closed stays so: the watch carries on.
    const stays = now.phase === "open" || now.phase === "closing";
    return { hedge: stays ? now : store.updateHedge(now, { phase: "open" }), outcome: "open" };
  });
}

/** Interest came while the loan was repaid: the watch buys it back, and then it is over. */
function goOnClosing({ store }: ExecutionContext, hedge: Hedge): Hedge {
  const isOver = hedge.phase === "closed" || hedge.phase === "closing";
  return isOver ? hedge : store.updateHedge(hedge, { phase: "closing" });
}

/** What is left are coins that no order can sell: they stay in the wallet, and the hedge is over. */
function leave({ store, clock }: ExecutionContext, hedge: Hedge, apart: Decimal): Hedge {
  store.setFact(`dust:${hedge.id}`, apart.toFixed());
  if (hedge.phase === "closed") return hedge;
  return store.updateHedge(hedge, { phase: "closed", closedAt: clock.marketNow() });
}

/** Not neutral and nothing more to do right now: a person hears of it, and it is tried again. */
function hold(context: ExecutionContext, hedge: Hedge): Hedge {
  const [a, b] = hedge.legs;
  const what = difference(hedge).eq(ZERO) ? "has an order of unknown fate" : "is not neutral";
  // Closing has words of its own for what it cannot do.
  if (hedge.phase === "closing") return hedge;
  const stays = hedge.phase === "review";
  if (isNews(context, `notNeutral:${hedge.id}`) || !stays) {
    alertOwner(context, {
      severity: "critical",
      reason: "NOT_NEUTRAL",
      hedgeId: hedge.id,
      text: `${hedge.asset} ${hedge.id} ${what}: ${a.venue} ${a.heldBase.toFixed()}, ${b.venue} ${b.heldBase.toFixed()}. It is tried again every few seconds; /kill closes everything.`,
    });
  }
  return stays ? hedge : context.store.updateHedge(hedge, { phase: "review" });
}

/** A remainder that no venue takes: kept in the books as what it is, said once, never topped up. */
function noteDust(context: ExecutionContext, hedge: Hedge, apart: Decimal): void {
  // Interest comes every hour: what it may be is nothing to tell of.
  if (driftOf(context, hedge)?.action === "none") return;
  const { store } = context;
  if (store.getFact(`dust:${hedge.id}`) === apart.toFixed()) return;
  store.setFact(`dust:${hedge.id}`, apart.toFixed());
  const larger = hedge.legs[0].heldBase.gt(hedge.legs[1].heldBase) ? hedge.legs[0] : hedge.legs[1];
  const value = larger.entryPrice?.times(apart).toFixed(2) ?? "unknown";
  alertOwner(context, {
    severity: "warning",
    reason: "DUST",
    hedgeId: hedge.id,
    text: `${hedge.asset} ${hedge.id}: ${apart.toFixed()} ${hedge.asset} (about ${value} USD) more on ${larger.venue} than on the other side, and too small for an order there. It stays until the hedge is closed.`,
  });
}

/** How far the legs are apart. */
export function difference({ legs }: Hedge): Decimal {
  return legs[0].heldBase.minus(legs[1].heldBase).abs();
}
