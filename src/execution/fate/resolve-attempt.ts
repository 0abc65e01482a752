import { sum, ZERO } from "#src/core/decimal.ts";
import type { OrderAttempt, OrderLookup } from "#src/core/order.ts";
import { type BaseSize, baseSize } from "#src/core/units.ts";
import { alertOwner } from "#src/execution/alert-owner.ts";
import { type ExecutionContext, requireVenue, reviseHedge } from "#src/execution/context.ts";
import { fillsAddUp, finishAttempt } from "#src/execution/legs/book-fills.ts";
import { askVenue } from "./ask-venue.ts";
import { cancelAttempt } from "./cancel-attempt.ts";
import { fateFromLists, VISIBILITY_MS } from "./fate-from-lists.ts";

/** How long we wait beyond the moment of possible proof before others are let in. */
const PATIENCE_MS = 11_000;
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
