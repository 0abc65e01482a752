import {
  type Decimal,
  floorToStep,
  maxOf,
  minOf,
  ONE,
  roundToStep,
  ZERO,
} from "#src/core/decimal.ts";
import type { Hedge, HedgeLeg } from "#src/core/hedge.ts";
import { commonStep, type Instrument, smallestOrderBase } from "#src/core/instrument.ts";
import { price } from "#src/core/units.ts";
import { bothTrade } from "./close-hedge.ts";
import { type ExecutionContext, hasLiveAttempt, onHedge, requireHedge } from "./context.ts";
import { instrumentOf } from "./fate/ask-venue.ts";
import { isKillWanted } from "./kill/kill-wish.ts";
import { matchLegs } from "./legs/match-legs.ts";
import { reduceLeg } from "./legs/reduce-leg.ts";

export interface CutWish {
  readonly hedgeId: string;
  /** Of the hedge as it was judged: when it has changed since, nothing is cut. */
  readonly version: number;
  /** Of both legs, in (0, 1]; rounded up to the common lot. */
  readonly share: Decimal;
}

export type CutResult =
  /** Equal legs again; `cutBase` may be less than was asked for, and is never more than that and a lot. */
  | { readonly kind: "cut"; readonly hedge: Hedge; readonly cutBase: Decimal }
  /** An order's fate is open, or the legs are still apart: the watch goes on, and told of it. */
  | { readonly kind: "unfinished"; readonly hedge: Hedge }
  /** What would stay could not be closed by an order of its own: close it whole. Nothing was sent. */
  | { readonly kind: "tooSmall" }
  /** A venue does not answer or trade: a leg alone is worse than a hedge that is too large. Nothing was sent. */
  | { readonly kind: "silent" }
  /** Something else works on it, or it is not what was judged. Nothing was sent. */
  | { readonly kind: "left" };

/**
 * Takes the same base size off both legs, reduce-only, each with its own ticket; then the legs are made
 * equal at the smaller one. While it lasts the hedge is `unwinding`, so that a restart makes it equal too.
 */
export async function cutHedge(context: ExecutionContext, wish: CutWish): Promise<CutResult> {
  return (await onHedge(context, wish.hedgeId, () => cutBoth(context, wish))) ?? { kind: "left" };
}

async function cutBoth(context: ExecutionContext, wish: CutWish): Promise<CutResult> {
  const { store, settings, log } = context;
  const { hedgeId } = wish;
  const before = requireHedge(store, hedgeId);
  if (!isAsJudged(context, before, wish)) return { kind: "left" };
  if (!(await bothTrade(context, before.legs))) return { kind: "silent" };
  const keepBase = await sizeToKeep(context, before, wish.share);
  if (keepBase === null) return { kind: "tooSmall" };
  const began = store.transaction(() => {
    const now = requireHedge(store, hedgeId);
    if (!isAsJudged(context, now, wish)) return false;
    store.updateHedge(now, { phase: "unwinding" });
    return true;
  });
  if (!began) return { kind: "left" };
  const cut = async ({ venue, symbol, heldBase, index: legIndex }: HedgeLeg) => {
    const sizeBase = heldBase.minus(keepBase);
    const leg = { hedgeId, legIndex, venue, symbol, sizeBase, slippage: settings.maxSlippage };
    await reduceLeg(context, { ...leg, purpose: "rebalance" }).catch((error: unknown) => {
      log.warn("cutLegFailed", { hedgeId, venue, symbol, error });
    });
  };
  await Promise.all(before.legs.map(cut));
  const { hedge, outcome } = await matchLegs(context, hedgeId, "rebalance");
  if (outcome === "review") return { kind: "unfinished", hedge };
  return { kind: "cut", hedge, cutBase: smaller(before).minus(smaller(hedge)) };
}

function isAsJudged(context: ExecutionContext, hedge: Hedge, { version }: CutWish): boolean {
  return (
    hedge.phase === "open" &&
    hedge.version === version &&
    !hasLiveAttempt(context, hedge.id) &&
    !isKillWanted(context)
  );
}

/** What stays of each leg, on the common lot; null when that could not be closed by an order of its own. */
async function sizeToKeep(
  context: ExecutionContext,
  { legs }: Hedge,
  share: Decimal,
): Promise<Decimal | null> {
  const [first, second] = await Promise.all([
    instrumentOf(context, legs[0].venue, legs[0].symbol),
    instrumentOf(context, legs[1].venue, legs[1].symbol),
  ]);
  const step = commonStep(first.lotStepBase, second.lotStepBase);
  const held = minOf<Decimal>(legs[0].heldBase, legs[1].heldBase);
  const least = maxOf(
    leastOrder(context, legs[0], first, step),
    leastOrder(context, legs[1], second, step),
  );
  const wanted = minOf(held.times(ONE.minus(share)), held.minus(least));
  const keep = wanted.gt(ZERO) ? floorToStep(wanted, step) : ZERO;
  return keep.gte(least) ? keep : null;
}

/** Prices move between a cut and a later closing. */
const MARGIN = "0.95";

function leastOrder(
  { memory }: ExecutionContext,
  { venue, symbol, entryPrice }: HedgeLeg,
  instrument: Instrument,
  step: Decimal,
): Decimal {
  const at = memory.seen.get(`${venue}:${symbol}`)?.position.markPrice ?? entryPrice;
  const least = at
    ? smallestOrderBase(instrument, price(at.times(MARGIN)))
    : instrument.minSizeBase;
  return roundToStep(least, step, "up");
}

function smaller({ legs }: Hedge): Decimal {
  return minOf<Decimal>(legs[0].heldBase, legs[1].heldBase);
}
