import { isSpotSymbol } from "#src/core/instrument.ts";
import type { Venue } from "#src/ports/venue.ts";

/**
 * A venue on which nothing opens while `why` says why not, and nothing with coins while `whyNoSpot` does. All
 * else goes on: what is held there must be seen and closable, whatever its key may turn out to be.
 */
export function createJudgedVenue(
  venue: Venue,
  why: () => string | null,
  whyNoSpot: () => string | null = () => null,
): Venue {
  const { account, trading } = venue;
  const whyNot = (symbol: string) => why() ?? (isSpotSymbol(symbol) ? whyNoSpot() : null);
  const notSent = (detail: string) =>
    ({
      kind: "refused",
      code: "NOT_SENT",
      detail: `nothing opens on ${venue.id}: ${detail}`,
    }) as const;
  return {
    ...venue,
    get capabilities() {
      return venue.capabilities;
    },
    health() {
      const [health, reason] = [venue.health(), why()];
      return health.state === "ok" && reason !== null ? { state: "recovering", reason } : health;
    },
    account: {
      ...account,
      async setup(symbol) {
        const setup = await account.setup(symbol);
        const closesOnly = isSpotSymbol(symbol) && whyNoSpot() !== null;
        return closesOnly && setup.status === "trading"
          ? { ...setup, status: "reduceOnly" }
          : setup;
      },
    },
    trading: {
      ...trading,
      async place(order) {
        const reason = whyNot(order.request.symbol);
        const opens = !order.request.reduceOnly;
        return opens && reason !== null ? notSent(reason) : trading.place(order);
      },
      async setLeverage(change) {
        const reason = why();
        return reason === null ? trading.setLeverage(change) : notSent(reason);
      },
    },
  };
}
