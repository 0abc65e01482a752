import { usd } from "#src/core/units.ts";
import type { Store } from "#src/ports/store.ts";

/**
 * Books every fill that is not booked yet: its signed cash (a sale adds, a purchase takes) and its fee.
 * Entry ids come from the trade, so a second run books nothing. Inside a transaction.
 */
export function postFills(
  store: Pick<Store, "unpostedFills" | "insertLedgerEntry" | "markFillPosted">,
): number {
  const waiting = store.unpostedFills();
  for (const { fill, hedgeId } of waiting) {
    const source = `${fill.venue}:${fill.tradeId}`;
    const cash = fill.sizeBase.times(fill.price);
    const common = { hedgeId, venue: fill.venue, symbol: fill.symbol, bookedFor: fill.filledAt };
    store.insertLedgerEntry({
      ...common,
      id: `trade:${source}`,
      kind: "trade",
      amountUsd: usd(fill.side === "sell" ? cash : cash.neg()),
    });
    store.insertLedgerEntry({
      ...common,
      id: `fee:${source}`,
      kind: "fee",
      amountUsd: usd(fill.feeUsd.neg()),
    });
    store.markFillPosted(fill.venue, fill.tradeId);
  }
  return waiting.length;
}
