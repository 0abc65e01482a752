import { ZERO } from "#src/core/decimal.ts";
import type { Hedge, HedgeLeg } from "#src/core/hedge.ts";
import { isSpotSymbol, type VenueId } from "#src/core/instrument.ts";
import { closingOrderSide, type Fill, type Position } from "#src/core/order.ts";
import { type SignedBase, signedBase } from "#src/core/units.ts";
import { alertOwner, isNews, sayingTransaction } from "./alert-owner.ts";
import {
  type ExecutionContext,
  hasLiveAttempt,
  requireHedge,
  requireVenue,
  reviseHedge,
} from "./context.ts";
import { askVenue, readPositions, sizeIn, warmUp } from "./fate/ask-venue.ts";
import { refreshLegs } from "./legs/book-fills.ts";
import { looksLikeOurs } from "./legs/place-leg.ts";
import { isOnlyOwnCoins, legAgrees } from "./legs/spot-balance.ts";

/** Positions that are being read for everybody, by venue. */
export type Reads = ReadonlyMap<VenueId, Promise<readonly Position[]>>;

/** Two reads this far apart must be equal before a venue is believed against our own books. */
const SECOND_READ_MS = 1_000;

/**
 * Compares what our books hold with what the venues report, for whoever holds the hedge. A leg that
 * changed without us is booked from the venue's own fills; a difference that no fill explains puts the
 * hedge under review. Never mends anything by trading: that is for whoever is told that books are right.
 * `reads` must have begun after `before` was taken from the store.
 */
export async function reconcile(
  context: ExecutionContext,
  before: Hedge,
  reads: Reads,
): Promise<"agrees" | "adopted" | "unexplained" | "unclear"> {
  const { store, clock } = context;
  const first = await readLegs(context, before, reads);
  if (matches(context, before, first)) return moved(context, before) ? "unclear" : "agrees";
  await clock.sleep(SECOND_READ_MS);
  const second = await readLegs(context, before, new Map());
  const steady = first.every((size, index) => second[index]?.eq(size));
  if (!steady || moved(context, before)) return "unclear";
  const adopted = await adoptFills(context, before, second);
  const now = requireHedge(store, before.id);
  if (matches(context, now, second)) return adopted > 0 ? "adopted" : "agrees";
  if (wasJustTraded(context, now.id)) return "unclear";
  if (isOnlyOwnCoins(context, now.legs, second)) return adopted > 0 ? "adopted" : "agrees";
  holdForReview(context, now, second);
  return "unexplained";
}

async function readLegs(
  context: ExecutionContext,
  { legs }: Hedge,
  reads: Reads,
): Promise<readonly SignedBase[]> {
  return Promise.all(
    legs.map(async (leg) => {
      const read = reads.get(leg.venue) ?? readPositions(context, leg.venue);
      // How much of a spot balance is nobody's depends on its smallest order.
      if (isSpotSymbol(leg.symbol)) await warmUp(context, leg.venue).catch(() => undefined);
      return sizeIn(await (mayBeSilent(legs, leg) ? read.catch(() => []) : read), leg.symbol);
    }),
  );
}

/** A silent venue on which we hold nothing must not keep a lonely leg from being cut. */
function mayBeSilent(legs: Hedge["legs"], { heldBase }: HedgeLeg): boolean {
  return heldBase.eq(ZERO) && legs.some((leg) => leg.heldBase.gt(ZERO));
}

function matches(
  context: ExecutionContext,
  { legs }: Hedge,
  sizes: readonly SignedBase[],
): boolean {
  return legs.every((leg, index) => legAgrees(context, leg, sizes[index] ?? signedBase(ZERO)));
}

/** Something was sent or booked while we looked: what we read says nothing. */
function moved(context: ExecutionContext, before: Hedge): boolean {
  const now = requireHedge(context.store, before.id);
  return now.version !== before.version || hasLiveAttempt(context, before.id);
}

/**
 * Books the fills on our instruments that we have not booked, the venue's word, and says so; how many. `sizes`
 * are what the venues report of the legs, where that was read.
 */
export async function adoptFills(
  context: ExecutionContext,
  hedge: Hedge,
  sizes: readonly SignedBase[] = [],
): Promise<number> {
  const { store } = context;
  const lists = await Promise.all(
    hedge.legs.map(async (leg) => {
      const { account } = requireVenue(context, leg.venue);
      const asked = askVenue(context, account.fills(hedge.openedAt));
      const fills = await (mayBeSilent(hedge.legs, leg) ? asked.catch(() => []) : asked);
      const size = sizes[leg.index] ?? null;
      return fills.filter(
        (fill) => fill.symbol === leg.symbol && concerns(context, hedge, leg, fill, size),
      );
    }),
  );
  return store.transaction(() => {
    if (moved(context, hedge)) return 0;
    const added = lists.flat().filter((fill) => store.insertFill(fill, hedge.id));
    if (added.length === 0) return 0;
    tellChanged(context, refreshLegs(context, hedge.id), added);
    for (const fill of added) haltIfForeign(context, hedge, fill);
    return added.length;
  });
}

/**
 * On spot the owner may trade coins of his own: what he bought beside a leg is none of the hedge's, nor what he
 * sold before it had any, or while all that it holds is still there.
 */
function concerns(
  { store }: ExecutionContext,
  hedge: Hedge,
  leg: HedgeLeg,
  fill: Fill,
  size: SignedBase | null,
): boolean {
  if (!isSpotSymbol(leg.symbol) || fill.cause !== "order") return true;
  if (looksLikeOurs(fill.clientOrderId) || store.getAttempt(fill.clientOrderId)) return true;
  const isWhole = leg.side === "long" && (size?.gte(leg.heldBase) ?? false);
  const hadAny = store
    .listFills(hedge.id)
    .some((one) => one.symbol === fill.symbol && one.filledAt <= fill.filledAt);
  if (!hadAny) return false;
  return fill.side === closingOrderSide(leg.side) && !isWhole;
}

/** An order of ours that we never wrote down: another process, or an old backup. Nothing opens then. */
function haltIfForeign(context: ExecutionContext, hedge: Hedge, fill: Fill): void {
  const { store, clock } = context;
  if (!looksLikeOurs(fill.clientOrderId) || store.getAttempt(fill.clientOrderId)) return;
  store.setTradingState("halted");
  store.audit("stop", "engine", { why: "FOREIGN_ORDER" }, clock.wallNow());
  alertOwner(context, {
    severity: "critical",
    reason: "FOREIGN_ORDER",
    hedgeId: hedge.id,
    text: `${fill.venue} filled an order of Hedgerow's that these books do not know (${hedge.asset}). Another Hedgerow trades on this account, or an old backup was restored. Trading is halted; stop the other one, look at both venues, then /resume.`,
  });
}

function tellChanged(context: ExecutionContext, hedge: Hedge, fills: readonly Fill[]): void {
  const causes = new Set(fills.map((fill) => wordFor(context, fill)));
  alertOwner(context, {
    severity: "critical",
    reason: "POSITION_CHANGED",
    hedgeId: hedge.id,
    text: `${hedge.asset} ${hedge.id}: a position changed without an order of this hedge (${[...causes].join(", ")}). The other leg is cut to match, now.`,
  });
}

function wordFor({ store }: ExecutionContext, fill: Fill): string {
  const { cause, venue, clientOrderId } = fill;
  if (cause === "liquidation") return `liquidation on ${venue}`;
  if (cause === "deleveraging") return `auto-deleveraging on ${venue}`;
  const ours = looksLikeOurs(clientOrderId) || store.getAttempt(clientOrderId) !== null;
  return ours ? `a late fill on ${venue}` : `a trade by hand on ${venue}`;
}

/** What a venue reports may lag behind its own fills by seconds. */
const LAG_MS = 10_000;

export function wasJustTraded({ store, clock }: ExecutionContext, hedgeId: string): boolean {
  const since = clock.wallNow() - LAG_MS;
  return store.listAttempts({ hedgeId }).some(({ createdAtWall }) => createdAtWall > since);
}

function holdForReview(
  context: ExecutionContext,
  hedge: Hedge,
  sizes: readonly SignedBase[],
): void {
  const news = isNews(context, `unexplained:${hedge.id}`);
  const stays = hedge.phase === "review" || hedge.phase === "closing" || hedge.phase === "closed";
  if (stays && !news) return;
  const seen = hedge.legs
    .map((leg, index) => {
      const size = sizes[index]?.toFixed() ?? "unknown";
      return `${leg.venue} reports ${size}, our books ${signedHolding(leg).toFixed()}`;
    })
    .join("; ");
  sayingTransaction(context, `unexplained:${hedge.id}`, () => {
    reviseHedge(context, hedge.id, ({ phase }) =>
      phase === "review" || phase === "closed" || phase === "closing" ? null : { phase: "review" },
    );
    alertOwner(context, {
      severity: "critical",
      reason: "UNEXPLAINED_POSITION",
      hedgeId: hedge.id,
      text: `${hedge.asset} ${hedge.id}: ${seen}, and no fill explains it. Nothing is traded on it until they agree; look at both venues. /kill closes everything.`,
    });
  });
}

function signedHolding(leg: HedgeLeg) {
  return leg.side === "long" ? leg.heldBase : leg.heldBase.neg();
}
