import { LIVE_PHASES } from "#src/core/hedge.ts";
import type { VenueId } from "#src/core/instrument.ts";
import type { Logger } from "#src/ports/logger.ts";
import type { HedgeStore } from "#src/ports/trading-stores.ts";
import type { Ring, Venue } from "#src/ports/venue.ts";

/** Follows every venue that rings, for what our hedges hold there; resolves when all have let go. */
export async function followVenues(parts: {
  readonly venues: ReadonlyMap<VenueId, Venue>;
  readonly store: Pick<HedgeStore, "listHedges">;
  readonly log: Logger;
  readonly ring: (what: Ring) => void;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { venues, store, log, ring, signal } = parts;
  const held = (venue: VenueId) => [
    ...new Set(
      store
        .listHedges(LIVE_PHASES)
        .flatMap(({ legs }) => legs)
        .filter((leg) => leg.venue === venue)
        .map((leg) => leg.symbol),
    ),
  ];
  await Promise.all(
    [...venues].map(([id, { streams }]) =>
      streams?.follow({ symbols: () => held(id), ring, log, signal }),
    ),
  );
}
