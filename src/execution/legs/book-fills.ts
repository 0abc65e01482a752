import { sum, ZERO } from "#src/core/decimal.ts";
import { averageEntry } from "#src/core/figures/pnl.ts";
import type { Hedge, HedgeLeg } from "#src/core/hedge.ts";
import {
  type Fill,
  type OrderAttempt,
  type OrderReport,
  openingOrderSide,
} from "#src/core/order.ts";
import { baseSize, price } from "#src/core/units.ts";
import { type ExecutionContext, requireHedge } from "#src/execution/context.ts";

/** The attempt is done, its fills are booked and the leg says what it holds. Inside a transaction. */
export function finishAttempt(
  context: ExecutionContext,
  attempt: OrderAttempt,
  fills: readonly Fill[],
  detail: string,
): void {
  const { store } = context;
  store.moveAttempt(attempt.clientOrderId, "done", detail);
  for (const fill of fills) store.insertFill(fill, attempt.hedgeId);
  if (attempt.hedgeId) refreshLegs(context, attempt.hedgeId);
}

/** Does an order's list of fills, each once, explain all that it says it filled? */
export function fillsAddUp({
  order,
  fills,
}: {
  readonly order: OrderReport;
  readonly fills: readonly Fill[];
}): boolean {
  const once = new Map(fills.map((fill) => [fill.tradeId, fill]));
  return sum([...once.values()].map((fill) => fill.sizeBase)).eq(order.filledBase);
}

/** What the legs hold follows from their fills alone. Inside a transaction. */
export function refreshLegs({ store }: ExecutionContext, hedgeId: string): Hedge {
  const hedge = requireHedge(store, hedgeId);
  const fills = store.listFills(hedgeId);
  return store.updateHedge(hedge, {
    legs: [holding(hedge.legs[0], fills), holding(hedge.legs[1], fills)],
  });
}

/** A leg as its fills make it. */
export function holding(leg: HedgeLeg, fills: readonly Fill[]): HedgeLeg {
  const mine = fills.filter((fill) => fill.venue === leg.venue && fill.symbol === leg.symbol);
  const entrySide = openingOrderSide(leg.side);
  const entries = mine.filter((fill) => fill.side === entrySide);
  const exits = mine.filter((fill) => fill.side !== entrySide);
  const entry = averageEntry(entries.map((fill) => ({ size: fill.sizeBase, price: fill.price })));
  const held = entry.size.minus(sum(exits.map((fill) => fill.sizeBase)));
  return {
    ...leg,
    heldBase: baseSize(held.lt(ZERO) ? ZERO : held),
    entryPrice: entry.price ? price(entry.price) : null,
  };
}
