import { ZERO } from "#src/core/decimal.ts";
import type { Guarded } from "#src/core/guarded.ts";
import type { LegIndex } from "#src/core/hedge.ts";
import type { OrderAttempt, OrderOutcome, OrderRequest } from "#src/core/order.ts";
import { type BaseSize, baseSize } from "#src/core/units.ts";
import { type ExecutionContext, requireVenue } from "#src/execution/context.ts";
import { askVenue, outdate } from "#src/execution/fate/ask-venue.ts";
import { resolveAttempt } from "#src/execution/fate/resolve-attempt.ts";
import type { Ticket } from "#src/guard/ticket.ts";
import { fillsAddUp, finishAttempt } from "./book-fills.ts";

export interface LegOrder {
  readonly hedgeId: string | null;
  readonly legIndex: LegIndex;
  readonly purpose: OrderAttempt["purpose"];
  readonly ticket: Ticket;
  readonly order: Pick<OrderRequest, "venue" | "symbol" | "side" | "sizeBase" | "limitPrice">;
  readonly timeInForce?: OrderRequest["timeInForce"];
}

export type LegResult =
  /** The order is over: `filledBase` may be anything from 0 to all of it. */
  | { readonly kind: "over"; readonly filledBase: BaseSize; readonly detail: string }
  /** Nothing was sent. */
  | { readonly kind: "halted" | "denied" | "busy"; readonly detail: string }
  /** It may still fill: nobody may send another one for this leg. */
  | { readonly kind: "unresolved"; readonly detail: string };

/** An order that is on its way. */
export interface SentLeg {
  readonly kind: "sent";
  readonly leg: LegOrder;
  readonly attempt: OrderAttempt;
  readonly answer: Promise<OrderOutcome>;
}

/** Sends one order and sees it through to its end, or to where nobody can say. */
export async function placeLeg(context: ExecutionContext, leg: LegOrder): Promise<LegResult> {
  const sent = sendLeg(context, leg);
  return sent.kind === "sent" ? finishLeg(context, sent, await sent.answer) : sent;
}

/**
 * The one way an order leaves: in a single step it is admitted by the ticket and written down as
 * sent, and only then put on the wire. Opening orders are checked against the trading state in that
 * same step, so none can leave after a halt is on disk.
 */
export function sendLeg(context: ExecutionContext, leg: LegOrder): SentLeg | LegResult {
  const { store, clock, memory } = context;
  const attempt = describeAttempt(context, leg);
  const admitted = store.transaction((): Guarded<OrderRequest> | LegResult => {
    if (leg.purpose === "open" && store.tradingState() !== "active") {
      return { kind: "halted", detail: `trading is ${store.tradingState()}` };
    }
    if (leg.purpose === "open" && !isOpening(context, leg)) {
      return { kind: "halted", detail: "the hedge is not being opened any more" };
    }
    if (isOver(context, leg)) return { kind: "denied", detail: "the hedge is closed" };
    if (isTaken(context, leg)) return { kind: "busy", detail: "an order is in flight" };
    const guarded = leg.ticket.admit(attempt.request, clock.wallNow());
    if ("code" in guarded) return { kind: "denied", detail: guarded.code };
    store.insertAttempt(attempt);
    return guarded;
  });
  if ("kind" in admitted) return admitted;
  memory.inFlight.add(attempt.clientOrderId);
  return { kind: "sent", leg, attempt, answer: put(context, admitted) };
}

/** Books the answer; when it says nothing certain, finds out what became of the order. */
export async function finishLeg(
  context: ExecutionContext,
  { leg, attempt }: SentLeg,
  outcome: OrderOutcome,
): Promise<LegResult> {
  try {
    const result = await settle(context, leg, attempt, outcome);
    if (result.kind === "over") leg.ticket.release(attempt.clientOrderId, result.filledBase);
    return result;
  } finally {
    context.memory.inFlight.delete(attempt.clientOrderId);
  }
}

/** What an answer says for certain: the final fill, or null when it is not certain. */
export function certainFill(outcome: OrderOutcome): BaseSize | null {
  if (outcome.kind === "refused" && outcome.code !== "DUPLICATE_CLIENT_ORDER_ID") {
    return baseSize(ZERO);
  }
  if (outcome.kind !== "ack" || outcome.order.status === "open") return null;
  return fillsAddUp(outcome) ? outcome.order.filledBase : null;
}

async function put(context: ExecutionContext, order: Guarded<OrderRequest>): Promise<OrderOutcome> {
  const { request } = order;
  try {
    const answer = requireVenue(context, request.venue).trading.place(order);
    return await askVenue(context, answer, context.settings.orderLifeMs);
  } catch (error) {
    // Whatever went wrong, the order may have reached the venue.
    context.log.warn("placeThrew", { clientOrderId: request.clientOrderId, error });
    return { kind: "unknown", detail: "the venue's answer was lost" };
  }
}

async function settle(
  context: ExecutionContext,
  leg: LegOrder,
  attempt: OrderAttempt,
  outcome: OrderOutcome,
): Promise<LegResult> {
  const { store, memory } = context;
  const { clientOrderId } = attempt;
  const filledBase = certainFill(outcome);
  if (outcome.kind !== "ack") outdate(memory, attempt.request.venue);
  if (outcome.kind === "refused" && filledBase) {
    store.transaction(() => store.moveAttempt(clientOrderId, "dead", outcome.code));
    return { kind: "over", filledBase, detail: outcome.code };
  }
  if (outcome.kind === "ack" && filledBase) {
    store.transaction(() => finishAttempt(context, attempt, outcome.fills, outcome.order.status));
    return { kind: "over", filledBase, detail: outcome.order.status };
  }
  store.transaction(() => store.moveAttempt(clientOrderId, "unknown", outcome.kind));
  // /kill does not wait for a lost answer: it looks at the position again, and reduce-only cannot overdo it.
  const resolved = leg.purpose === "kill" ? null : await resolveAttempt(context, attempt);
  if (!resolved) return { kind: "unresolved", detail: `the fate of ${clientOrderId} is unknown` };
  return { kind: "over", ...resolved };
}

/** At most one live order a leg. Only /kill, which can but shrink it, may add one beside it. */
function isTaken({ store }: ExecutionContext, { hedgeId, legIndex, purpose }: LegOrder): boolean {
  if (!hedgeId || purpose === "kill") return false;
  return store.hasLiveAttempt(hedgeId, legIndex);
}

/** Only /kill closes what turns up on a hedge that is over. */
function isOver({ store }: ExecutionContext, { hedgeId, purpose }: LegOrder): boolean {
  if (hedgeId === null || purpose === "kill") return false;
  return store.getHedge(hedgeId)?.phase === "closed";
}

/** Somebody may have asked to close it while it was being opened. */
function isOpening({ store }: ExecutionContext, { hedgeId }: LegOrder): boolean {
  return hedgeId !== null && store.getHedge(hedgeId)?.phase === "opening";
}

function describeAttempt(
  { store, clock, ids, settings, memory }: ExecutionContext,
  { hedgeId, legIndex, purpose, order, timeInForce = "ioc" }: LegOrder,
): OrderAttempt {
  const attemptNo = hedgeId ? store.countAttempts(hedgeId) + 1 : 1;
  // Letters and digits only, at most 32: every venue takes that. The last part is never seen twice, also
  // when an old backup has forgotten what was sent.
  const lifeMs = settings.orderLifeMs + (timeInForce === "ioc" ? 0 : settings.makerWaitMs);
  const unique = ids.next("A").slice(2);
  const stem = (hedgeId ?? "K").replace(/[^a-zA-Z0-9]/g, "");
  const clientOrderId = `${stem}${purpose.charAt(0)}${legIndex}n${attemptNo}x${unique}`;
  return {
    ...{ clientOrderId, hedgeId, legIndex, attemptNo, purpose },
    request: {
      ...order,
      clientOrderId,
      timeInForce,
      reduceOnly: purpose !== "open",
      expiresAt: clock.wallNow() + (memory.aheadMs.get(order.venue) ?? 0) + lifeMs,
    },
    state: "sent",
    outcomeDetail: null,
    createdAt: clock.marketNow(),
    createdAtWall: clock.wallNow(),
  };
}

const OURS = /^[A-Za-z0-9]+[oucrk][01]n\d+x[a-z0-9]+$/;

/** Does this id look as if Hedgerow made it? */
export function looksLikeOurs(clientOrderId: string): boolean {
  return OURS.test(clientOrderId);
}
