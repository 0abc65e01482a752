import { sum } from "#src/core/decimal.ts";
import { LIVE_PHASES } from "#src/core/hedge.ts";
import { isSpotSymbol } from "#src/core/instrument.ts";
import { type Fill, LIVE_ATTEMPTS, type OrderAttempt, type OrderLookup } from "#src/core/order.ts";
import { type ExecutionContext, requireVenue } from "#src/execution/context.ts";
import { agreesWith } from "#src/execution/legs/spot-balance.ts";
import { askVenue, readPositions, sizeIn } from "./ask-venue.ts";
import { cancelAttempt } from "./cancel-attempt.ts";

/** "Not found" proves death only this long after the fence: look-ups lag behind the engine. */
export const VISIBILITY_MS = 2_000;
/** Venues stamp their fills with their own clock. */
const CLOCK_SLACK_MS = 60_000;

/**
 * What an order that cannot be looked up came to: its fills, none when it is dead, null when nobody can
 * say. Needed are the venue's clock past the fence and its lag, its open orders without the order, its
 * fills, and a position that our books and the unbooked fills explain.
 */
export async function fateFromLists(
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
  const reported = sizeIn(positions, symbol);
  const fits =
    agreesWith(context, request, explained, reported) || othersInFlight(context, attempt);
  const unheardOf = isUnheardOf(context, attempt, fits);
  // Its own fills are the venue's word on it, also where something else has moved the position.
  if (own.length > 0) return fits || isLookedAt(context, attempt) ? own : null;
  return unheardOf ? [] : null;
}

/** One answer may be cut short; several, seconds apart, are not. */
const [LOOKS, LOOKS_MS] = [5, 4_000];
/** A position that nothing explains must not keep a reduce-only order alive for ever: it can only have shrunk the leg. */
const LOOKS_AGAINST_POSITION = 12;
/** Beside an opening one on spot coins of the owner's may have come, and stay: /kill must end all the same. */
const LOOKS_AGAINST_BALANCE = 24;

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
  if (request.reduceOnly) return looks >= LOOKS_AGAINST_POSITION;
  return isSpotSymbol(request.symbol) && looks >= LOOKS_AGAINST_BALANCE;
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
