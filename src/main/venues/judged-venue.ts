import type { Venue } from "#src/ports/venue.ts";

/**
 * A venue on which nothing opens while `why` says why not. All else goes on: what is held there must be seen
 * and closable, whatever its key may turn out to be.
 */
export function createJudgedVenue(venue: Venue, why: () => string | null): Venue {
  const { trading } = venue;
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
    trading: {
      ...trading,
      async place(order) {
        const reason = why();
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
