import { sum, ZERO } from "#src/core/decimal.ts";
import { LIVE_PHASES } from "#src/core/hedge.ts";
import {
  type Fill,
  LIVE_ATTEMPTS,
  type OrderAttempt,
  type OrderLookup,
  type OrderRequest,
} from "#src/core/order.ts";
import { type BaseSize, baseSize } from "#src/core/units.ts";
import { checkCancel } from "#src/guard/check.ts";
import { alertOwner } from "./alert-owner.ts";
import { askVenue, readPositions, sizeIn } from "./ask-venue.ts";
import { fillsAddUp, finishAttempt } from "./book-fills.ts";
import { type ExecutionContext, requireVenue, reviseHedge } from "./context.ts";

/** "Not found" proves death only this long after the fence: look-ups lag behind the engine. */
const VISIBILITY_MS = 2_000;
/** How long we wait beyond the moment of possible proof before others are let in. */
const PATIENCE_MS = 8_000;
/** Venues stamp their fills with their own clock. */
const CLOCK_SLACK_MS = 60_000;
const [FIRST_WAIT_MS, LONGEST_WAIT_MS] = [100, 2_000];

export interface Resolved {
  readonly filledBase: BaseSize;
  readonly detail: string;
}

/**
 * Finds out what became of an order whose answer was lost: found and over, or provably dead. Null when
 * nobody can say yet; then nothing else may be sent for that leg.
 */
export async function resolveAttempt(
  context: ExecutionContext,
  attempt: OrderAttempt,
): Promise<Resolved | null> {
  const { clock, settings } = context;
  const giveUpMs = clock.elapsedMs() + settings.orderLifeMs + VISIBILITY_MS + PATIENCE_MS;
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    const resolved = await resolveOnce(context, attempt);
    if (resolved) return resolved;
    if (clock.elapsedMs() >= giveUpMs) return null;
    await clock.sleep(wait);
  }
}

/** Attempts that outlived whoever sent them (given up on, or from before a restart): one look at each. */
export async function resolveStale(
  context: ExecutionContext,
  matches: (attempt: OrderAttempt) => boolean,
): Promise<void> {
  const open = context.store.listAttempts({ states: ["sent", "unknown"] });
  const stale = open.filter(
    (one) => !context.memory.inFlight.has(one.clientOrderId) && matches(one),
  );
  await Promise.all(stale.map((attempt) => resolveOnce(context, attempt)));
}

async function resolveOnce(
  context: ExecutionContext,
  attempt: OrderAttempt,
): Promise<Resolved | null> {
  const { store, log } = context;
  try {
    const answer = await lookUp(context, attempt);
    if (answer.kind === "found") context.memory.unheardOf.delete(attempt.clientOrderId);
    const fate = answer.kind === "notFound" ? await fateFromLists(context, attempt, answer) : null;
    const state = store.getAttempt(attempt.clientOrderId)?.state;
    if (state === "done" || state === "dead") return { filledBase: baseSize(ZERO), detail: state };
    if (fate && fate.length > 0) {
      store.transaction(() => finishAttempt(context, attempt, fate, "found in the fills"));
      const filledBase = baseSize(sum(fate.map((fill) => fill.sizeBase)));
      return { filledBase, detail: "found in the fills" };
    }
    if (fate) {
      store.transaction(() => store.moveAttempt(attempt.clientOrderId, "dead", "never arrived"));
      return { filledBase: baseSize(ZERO), detail: "never arrived" };
    }
    return answer.kind === "found" ? await adopt(context, attempt, answer) : null;
  } catch (error) {
    // A look-up that fails says nothing at all.
    log.warn("lookupFailed", { clientOrderId: attempt.clientOrderId, error });
    return null;
  }
}

function lookUp(context: ExecutionContext, { request }: OrderAttempt): Promise<OrderLookup> {
  const { account } = requireVenue(context, request.venue);
  return askVenue(context, account.lookupOrder(request.symbol, request.clientOrderId));
}

/** Books an order that was found and is over; one that still rests is taken off the book first. */
async function adopt(
  context: ExecutionContext,
  attempt: OrderAttempt,
  found: Extract<OrderLookup, { kind: "found" }>,
): Promise<Resolved | null> {
  const { order, fills } = found;
  if (!isTheSame(attempt, found)) {
    refuseMismatch(context, attempt);
    return null;
  }
  if (order.status === "open") {
    if (attempt.request.timeInForce !== "ioc") await cancelAttempt(context, attempt);
    return null;
  }
  // A page of fills that does not add up is no answer.
  if (!fillsAddUp(found)) return null;
  context.store.transaction(() => finishAttempt(context, attempt, fills, `found ${order.status}`));
  return { filledBase: order.filledBase, detail: `found ${order.status}` };
}

/** Takes a resting order off the book; what became of it is then looked up, never assumed. */
export async function cancelAttempt(
  context: ExecutionContext,
  { request }: { readonly request: Pick<OrderRequest, "venue" | "symbol" | "clientOrderId"> },
): Promise<void> {
  const { clock, limits } = context;
  const { venue, symbol, clientOrderId } = request;
  const now = clock.wallNow();
  const ticket = checkCancel({ instruments: [{ venue, symbol }], limits, now });
  const cancel = ticket.admitCancel({ venue, symbol, clientOrderId }, now);
  if ("code" in cancel) return;
  await askVenue(context, requireVenue(context, venue).trading.cancel(cancel)).catch(
    (error: unknown) => context.log.warn("cancelFailed", { clientOrderId, error }),
  );
}

/**
 * What an order that cannot be looked up came to: its fills, none when it is dead, null when nobody can
 * say. Needed are the venue's clock past the fence and its lag, its open orders without the order, its
 * fills, and a position that our books and the unbooked fills explain.
 */
async function fateFromLists(
  context: ExecutionContext,
  attempt: OrderAttempt,
  { venueTime }: Extract<OrderLookup, { kind: "notFound" }>,
): Promise<readonly Fill[] | null> {
  const { request } = attempt;
  const { venue: venueId, symbol, clientOrderId } = request;
  if (venueTime <= request.expiresAt + VISIBILITY_MS) return null;
  const { account } = requireVenue(context, venueId);
  const [orders, fills, positions] = await Promise.all([
    askVenue(context, account.openOrders()),
    askVenue(context, account.fills(attempt.createdAt - CLOCK_SLACK_MS)),
    readPositions(context, venueId),
  ]);
  if (orders.some((order) => order.clientOrderId === clientOrderId)) {
    context.memory.unheardOf.delete(clientOrderId);
    if (request.timeInForce !== "ioc") await cancelAttempt(context, attempt);
    return null;
  }
  const unbooked = eachOnce(fills).filter(
    (fill) => fill.symbol === symbol && !isBooked(context, fill),
  );
  // A fill without an id may be this order's: then nothing is proven.
  const nameless = unbooked.some(
    (fill) => fill.cause === "order" && fill.clientOrderId === "" && fill.side === request.side,
  );
  if (nameless) return null;
  const explained = bookedIn(context, venueId, symbol).plus(sum(unbooked.map(signed)));
  const own = unbooked.filter((fill) => fill.clientOrderId === clientOrderId);
  const fits = sizeIn(positions, symbol).eq(explained) || othersInFlight(context, attempt);
  const unheardOf = isUnheardOf(context, attempt, fits);
  // Its own fills are the venue's word on it, also where something else has moved the position.
  if (own.length > 0) return fits || isLookedAt(context, attempt) ? own : null;
  return unheardOf ? [] : null;
}

/** One answer may be cut short; several, seconds apart, are not. */
const [LOOKS, LOOKS_MS] = [3, 2_000];
/** A position that nothing explains must not keep a reduce-only order alive for ever: it can only have shrunk the leg. */
const LOOKS_AGAINST_POSITION = 12;

function isLookedAt({ memory }: ExecutionContext, { clientOrderId }: OrderAttempt): boolean {
  return (memory.unheardOf.get(clientOrderId)?.looks ?? 0) >= LOOKS;
}

/** Has the venue known nothing of it, look after look? */
function isUnheardOf(
  { memory, clock }: ExecutionContext,
  { request }: OrderAttempt,
  positionFits: boolean,
): boolean {
  const now = clock.elapsedMs();
  const known = memory.unheardOf.get(request.clientOrderId);
  // Looks that say different things of the position do not add up.
  const before = known?.positionFits === positionFits ? known : { looks: 0, sinceMs: now };
  const looks = before.looks + 1;
  memory.unheardOf.set(request.clientOrderId, { looks, sinceMs: before.sinceMs, positionFits });
  if (positionFits) return looks >= LOOKS && now - before.sinceMs >= LOOKS_MS;
  return request.reduceOnly && looks >= LOOKS_AGAINST_POSITION;
}

function eachOnce(fills: readonly Fill[]): readonly Fill[] {
  return [...new Map(fills.map((fill) => [fill.tradeId, fill])).values()];
}

/** What our booked fills of live hedges say that this venue holds of this symbol, signed. */
function bookedIn({ store }: ExecutionContext, venue: string, symbol: string) {
  const fills = store
    .listHedges(LIVE_PHASES)
    .filter(({ legs }) => legs.some((leg) => leg.venue === venue && leg.symbol === symbol))
    .flatMap(({ id }) => store.listFills(id));
  return sum(fills.filter((fill) => fill.venue === venue && fill.symbol === symbol).map(signed));
}

function isBooked({ store }: ExecutionContext, fill: Fill): boolean {
  return store.hasFill(fill.venue, fill.tradeId);
}

function signed(fill: Fill) {
  return fill.side === "buy" ? fill.sizeBase : fill.sizeBase.neg();
}

/** While another order works on the same market, its position proves nothing either way. */
function othersInFlight({ store }: ExecutionContext, { clientOrderId, request }: OrderAttempt) {
  return store
    .listAttempts({ states: LIVE_ATTEMPTS })
    .some(
      (one) =>
        one.clientOrderId !== clientOrderId &&
        one.request.venue === request.venue &&
        one.request.symbol === request.symbol,
    );
}

function isTheSame(
  { request }: OrderAttempt,
  { order }: Extract<OrderLookup, { kind: "found" }>,
): boolean {
  return (
    order.symbol === request.symbol &&
    order.side === request.side &&
    order.reduceOnly === request.reduceOnly &&
    order.sizeBase.lte(request.sizeBase)
  );
}

/** Under our id the venue has another order: nobody here can say what that means. */
function refuseMismatch(context: ExecutionContext, attempt: OrderAttempt): void {
  const { hedgeId, clientOrderId, request } = attempt;
  context.store.transaction(() => {
    const told = `mismatch:${clientOrderId}`;
    if (context.store.getFact(told) !== null) return;
    context.store.setFact(told, "yes");
    if (hedgeId) {
      reviseHedge(context, hedgeId, ({ phase }) =>
        phase === "review" || phase === "closed" || phase === "closing"
          ? null
          : { phase: "review" },
      );
    }
    alertOwner(context, {
      severity: "critical",
      reason: "ORDER_MISMATCH",
      hedgeId,
      text: `${request.venue} has another order under our id ${clientOrderId}. Nothing more is sent for this leg. Look at ${request.venue}; /kill closes everything.`,
    });
  });
}
