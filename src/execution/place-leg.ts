import { ZERO } from "#src/core/decimal.ts";
import type { Guarded } from "#src/core/guarded.ts";
import type { LegIndex } from "#src/core/hedge.ts";
import type { OrderAttempt, OrderOutcome, OrderRequest } from "#src/core/order.ts";
import { type BaseSize, baseSize } from "#src/core/units.ts";
import type { Ticket } from "#src/guard/ticket.ts";
import { finishAttempt } from "./book-fills.ts";
import { type ExecutionContext, requireVenue } from "./context.ts";
import { resolveAttempt } from "./resolve-attempt.ts";

export interface LegOrder {
  readonly hedgeId: string | null;
  readonly legIndex: LegIndex;
  readonly purpose: OrderAttempt["purpose"];
  readonly ticket: Ticket;
  readonly order: Pick<OrderRequest, "venue" | "symbol" | "side" | "sizeBase" | "limitPrice">;
}

export type LegResult =
  /** The order is over: `filledBase` may be anything from 0 to all of it. */
  | { readonly kind: "over"; readonly filledBase: BaseSize; readonly detail: string }
  /** Nothing was sent. */
  | { readonly kind: "halted" | "denied" | "busy"; readonly detail: string }
  /** It may still fill: nobody may send another one for this leg. */
  | { readonly kind: "unresolved"; readonly detail: string };

/**
 * The one way an order leaves: in a single step it is admitted by the ticket, written down as intent and
 * as sent, and only then put on the wire. Opening orders are checked against the trading state in that
 * same step, so none can leave after a halt is on disk.
 */
export async function placeLeg(context: ExecutionContext, leg: LegOrder): Promise<LegResult> {
  const { store, clock } = context;
  const attempt = describeAttempt(context, leg);
  const admitted = store.transaction((): Guarded<OrderRequest> | LegResult => {
    if (leg.purpose === "open" && store.tradingState() !== "active") {
      return { kind: "halted", detail: `trading is ${store.tradingState()}` };
    }
    if (hasLiveAttempt(context, leg)) return { kind: "busy", detail: "an order is in flight" };
    const guarded = leg.ticket.admit(attempt.request, clock.wallNow());
    if ("code" in guarded) return { kind: "denied", detail: guarded.code };
    store.insertAttempt(attempt);
    store.moveAttempt(attempt.clientOrderId, "sent");
    return guarded;
  });
  if ("kind" in admitted) return admitted;
  const outcome = await send(context, admitted);
  return settle(context, leg, attempt, outcome);
}

async function send(
  context: ExecutionContext,
  order: Guarded<OrderRequest>,
): Promise<OrderOutcome> {
  try {
    return await requireVenue(context, order.request.venue).trading.place(order);
  } catch (error) {
    // Whatever went wrong, the order may have reached the venue.
    context.log.warn("placeThrew", { clientOrderId: order.request.clientOrderId, error });
    return { kind: "unknown", detail: "the venue's answer was lost" };
  }
}

async function settle(
  context: ExecutionContext,
  leg: LegOrder,
  attempt: OrderAttempt,
  outcome: OrderOutcome,
): Promise<LegResult> {
  const { store } = context;
  const { clientOrderId } = attempt;
  if (outcome.kind === "refused" && outcome.code !== "DUPLICATE_CLIENT_ORDER_ID") {
    store.transaction(() => store.moveAttempt(clientOrderId, "dead", outcome.code));
    leg.ticket.release(clientOrderId, baseSize(ZERO));
    return { kind: "over", filledBase: baseSize(ZERO), detail: outcome.code };
  }
  if (outcome.kind === "ack" && outcome.order.status !== "open") {
    const filledBase = outcome.order.filledBase;
    store.transaction(() => finishAttempt(context, attempt, outcome.fills, outcome.order.status));
    leg.ticket.release(clientOrderId, filledBase);
    return { kind: "over", filledBase, detail: outcome.order.status };
  }
  store.transaction(() => store.moveAttempt(clientOrderId, "unknown", outcome.kind));
  const resolved = await resolveAttempt(context, attempt);
  if (!resolved) return { kind: "unresolved", detail: `the fate of ${clientOrderId} is unknown` };
  leg.ticket.release(clientOrderId, resolved.filledBase);
  return { kind: "over", filledBase: resolved.filledBase, detail: resolved.detail };
}

function hasLiveAttempt({ store }: ExecutionContext, { hedgeId, legIndex }: LegOrder): boolean {
  if (!hedgeId) return false;
  return store
    .listAttempts({ hedgeId, states: ["intent", "sent", "unknown"] })
    .some((attempt) => attempt.legIndex === legIndex);
}

function describeAttempt(
  { store, clock, ids, settings }: ExecutionContext,
  { hedgeId, legIndex, purpose, order }: LegOrder,
): OrderAttempt {
  const attemptNo = hedgeId ? store.listAttempts({ hedgeId }).length + 1 : 1;
  // Letters and digits only, at most 32: every venue takes that.
  const stem = (hedgeId ?? ids.next("K")).replace(/[^a-zA-Z0-9]/g, "");
  const clientOrderId = `${stem}${purpose.charAt(0)}${legIndex}n${attemptNo}`;
  return {
    ...{ clientOrderId, hedgeId, legIndex, attemptNo, purpose },
    request: {
      ...order,
      clientOrderId,
      timeInForce: "ioc",
      reduceOnly: purpose !== "open",
      expiresAt: clock.wallNow() + settings.orderLifeMs,
    },
    state: "intent",
    outcomeDetail: null,
    createdAtWall: clock.wallNow(),
  };
}
