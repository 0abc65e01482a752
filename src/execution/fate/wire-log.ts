import type { OrderAttempt } from "#src/core/order.ts";
import type { EngineMemory } from "#src/execution/engine-memory.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { EngineStore } from "#src/ports/store.ts";
import type { Venue } from "#src/ports/venue.ts";

const KEPT = 500;

/**
 * The venue with a witness at its trading port: what leaves, and what the store knew of it at that
 * moment. The invariants are checked against this, not against what the engine thinks it did.
 */
export function withWireLog(
  venue: Venue,
  parts: { readonly store: EngineStore; readonly clock: Clock; readonly memory: EngineMemory },
): Venue {
  const { store, clock, memory } = parts;
  return {
    ...venue,
    // A venue that is still being opened does not know them yet.
    get capabilities() {
      return venue.capabilities;
    },
    trading: {
      place(order) {
        const { request } = order;
        const durable: OrderAttempt | null = store.getAttempt(request.clientOrderId);
        const tradingState = store.tradingState();
        const sentAt = clock.wallNow() + (memory.aheadMs.get(venue.id) ?? 0);
        memory.wire.push({ request, sentAt, durable, tradingState });
        if (memory.wire.length > KEPT) memory.wire.splice(0, memory.wire.length - KEPT);
        return venue.trading.place(order);
      },
      cancel: venue.trading.cancel,
      cancelAll: venue.trading.cancelAll,
      setLeverage: venue.trading.setLeverage,
    },
  };
}
