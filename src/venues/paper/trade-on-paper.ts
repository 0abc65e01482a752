import { describeError } from "#src/core/errors.ts";
import { Guarded } from "#src/core/guarded.ts";
import type { VenueTrading } from "#src/ports/venue.ts";
import { MarketSilentError, type OnEngine } from "./on-engine.ts";

/** The simulated exchange behind the port. */
export function tradeOnPaper(onEngine: OnEngine): VenueTrading {
  return {
    place: (order) =>
      Guarded.isSealed(order)
        ? outcomeOf(() => onEngine((engine) => engine.place(order.request), order.request.symbol))
        : forged(),
    async cancel(cancel) {
      if (!Guarded.isSealed(cancel)) return forged();
      const { symbol, clientOrderId } = cancel.request;
      return outcomeOf(() => onEngine((engine) => engine.cancel(symbol, clientOrderId)));
    },
    async cancelAll(cancel) {
      if (!Guarded.isSealed(cancel)) return forged();
      return outcomeOf(() =>
        onEngine((engine) => {
          engine.cancelAll(cancel.request.symbol);
          return { kind: "ack" } as const;
        }),
      );
    },
    // Its leverage is a setting of ours, and the same for all.
    setLeverage: async () => ({
      ...{ kind: "refused", code: "NOT_SENT" },
      detail: "a paper venue has no leverage to set",
    }),
  };
}

/** A mutation never throws: what broke on the way proves nothing, unless it never came to the engine. */
async function outcomeOf<T>(work: () => Promise<T>) {
  try {
    return await work();
  } catch (error) {
    const detail = describeError(error);
    if (error instanceof MarketSilentError) {
      return { kind: "refused", code: "NOT_SENT", detail } as const;
    }
    return { kind: "unknown", detail } as const;
  }
}

async function forged() {
  return { kind: "refused", code: "NOT_GUARDED", detail: "not a guarded order" } as const;
}
