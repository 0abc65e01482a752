import { ZERO } from "#src/core/decimal.ts";
import type { OrderAttempt, OrderLookup } from "#src/core/order.ts";
import { type BaseSize, baseSize } from "#src/core/units.ts";
import { finishAttempt } from "./book-fills.ts";
import { type ExecutionContext, requireVenue } from "./context.ts";

/** "Not found" proves death only this long after the fence: look-ups lag behind the engine. */
const VISIBILITY_MS = 2_000;
/** After this we stop waiting and tell a person. */
const PATIENCE_MS = 30_000;
const [FIRST_WAIT_MS, LONGEST_WAIT_MS] = [100, 2_000];

/**
 * Finds out what became of an order whose answer was lost: found and over, or provably dead. Null when
 * nobody can say yet; then nothing else may be sent for that leg.
 */
export async function resolveAttempt(
  context: ExecutionContext,
  attempt: OrderAttempt,
): Promise<{ readonly filledBase: BaseSize; readonly detail: string } | null> {
  const { clock, store } = context;
  const deadAfter = attempt.request.expiresAt + VISIBILITY_MS;
  const giveUpAt = Math.max(deadAfter, clock.wallNow()) + PATIENCE_MS;
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    const askedAt = clock.wallNow();
    const answer = await lookUp(context, attempt);
    if (answer?.kind === "found" && answer.order.status !== "open") {
      const { order, fills } = answer;
      store.transaction(() => finishAttempt(context, attempt, fills, `found ${order.status}`));
      return { filledBase: order.filledBase, detail: `found ${order.status}` };
    }
    if (answer?.kind === "notFound" && askedAt > deadAfter) {
      store.transaction(() => store.moveAttempt(attempt.clientOrderId, "dead", "never arrived"));
      return { filledBase: baseSize(ZERO), detail: "never arrived" };
    }
    if (clock.wallNow() >= giveUpAt) return null;
    await clock.sleep(wait);
  }
}

/** A look-up that fails says nothing at all. */
async function lookUp(
  context: ExecutionContext,
  { request }: OrderAttempt,
): Promise<OrderLookup | null> {
  try {
    const venue = requireVenue(context, request.venue);
    return await venue.account.lookupOrder(request.symbol, request.clientOrderId);
  } catch (error) {
    context.log.warn("lookupFailed", { clientOrderId: request.clientOrderId, error });
    return null;
  }
}
