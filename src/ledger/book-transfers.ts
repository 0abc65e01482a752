import type { VenueId } from "#src/core/instrument.ts";
import type { Transfer } from "#src/core/transfer.ts";
import { type EpochMs, type Usd, usd } from "#src/core/units.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Logger } from "#src/ports/logger.ts";
import type { Store } from "#src/ports/store.ts";
import type { Venue } from "#src/ports/venue.ts";

/** Venues tell of transfers late: each look goes back this far, and unique ids keep them single. */
const OVERLAP_MS = 7 * 24 * 3_600_000;

/**
 * Books what came into and left the accounts since they were first looked at, each transfer once. Where a
 * venue does not tell, money that moved stays unexplained: it is shown so, never guessed.
 */
export async function bookTransfers(options: {
  readonly store: Store;
  readonly venues: ReadonlyMap<VenueId, Venue>;
  readonly clock: Clock;
  readonly log: Logger;
}): Promise<{ readonly booked: number }> {
  const { store, venues, clock, log } = options;
  let booked = 0;
  for (const { id, account } of venues.values()) {
    const now = clock.marketNow();
    // What lay there before belongs to where the account stood at the start.
    const began = Number(store.getFact(transfersSinceKey(id)) ?? String(now));
    const through = Number(store.getFact(throughKey(id)) ?? String(began));
    try {
      const transfers = (await account.transfers?.(Math.max(began, through - OVERLAP_MS))) ?? [];
      store.transaction(() => {
        for (const transfer of transfers) {
          if (transfer.transferredAt > began && book(store, transfer)) booked += 1;
        }
        store.setFact(transfersSinceKey(id), String(began));
        store.setFact(throughKey(id), String(now));
      });
    } catch (error) {
      log.warn("transfersUnknown", { venue: id, error });
    }
  }
  return { booked };
}

/** Since when (market time) a venue's transfers change what its account began with. */
export const transfersSinceKey = (venue: VenueId) => `transfersSince:${venue}`;

const throughKey = (venue: VenueId) => `transfersBookedThrough:${venue}`;

function book(store: Store, { venue, transferId, amountUsd, transferredAt }: Transfer): boolean {
  const isNew = store.insertLedgerEntry({
    id: `transfer:${venue}:${transferId}`,
    kind: "transfer",
    ...{ hedgeId: null, venue, symbol: null, amountUsd, bookedFor: transferredAt },
  });
  if (isNew) explainPoint(store, transferredAt, amountUsd);
  return isNew;
}

/** The equity of a saved point already held money that the venue tells of only now. */
function explainPoint(store: Store, transferredAt: EpochMs, amountUsd: Usd): void {
  const latest = store.latestEquityPoint();
  if (!latest || latest.at < transferredAt) return;
  const [point] = store.listEquityPoints(transferredAt - 1, latest.at);
  if (point) {
    store.saveEquityPoint({ ...point, flowsUsd: usd(point.flowsUsd.plus(amountUsd)) });
  }
}
