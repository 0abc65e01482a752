import type { CancelAllRequest, OrderRequest } from "#src/core/order.ts";
import { type ExecutionContext, requireVenue } from "#src/execution/context.ts";
import { checkCancel } from "#src/guard/check.ts";
import { askVenue } from "./ask-venue.ts";

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

/** Takes everything off one book, whoever put it there. */
export async function cancelAllOrders(
  context: ExecutionContext,
  { venue, symbol }: CancelAllRequest,
): Promise<void> {
  const { clock, limits, log } = context;
  const now = clock.wallNow();
  const ticket = checkCancel({ instruments: [{ venue, symbol }], limits, now });
  const cancel = ticket.admitCancelAll({ venue, symbol }, now);
  if ("code" in cancel) return;
  await askVenue(context, requireVenue(context, venue).trading.cancelAll(cancel)).catch(
    (error: unknown) => log.warn("cancelAllFailed", { venue, symbol, error }),
  );
}
