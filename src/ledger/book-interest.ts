import { grownFill, type InterestPayment } from "#src/core/figures/borrow.ts";
import type { Hedge, HedgeLeg } from "#src/core/hedge.ts";
import { isSpotSymbol, type VenueId } from "#src/core/instrument.ts";
import type { EpochMs } from "#src/core/units.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Logger } from "#src/ports/logger.ts";
import type { Store } from "#src/ports/store.ts";
import type { Venue } from "#src/ports/venue.ts";
import { stoodOn } from "./book-funding.ts";
import { postFills } from "./post-entry.ts";

/** Charges may appear late: each look goes back this far, and unique ids keep them single. */
const OVERLAP_MS = 24 * 3_600_000;

type Books = Parameters<typeof postFills>[0] &
  Pick<Store, "transaction" | "getFact" | "setFact" | "listHedges" | "insertFill">;

/**
 * Books what the venues charged for borrowed coins, each charge once, to the hedge whose short it was for, and
 * what its loan grew by. What was charged before the first look belongs to where the account stood at the start.
 */
export async function bookInterest(options: {
  readonly store: Books;
  readonly venues: ReadonlyMap<VenueId, Venue>;
  readonly clock: Clock;
  readonly log: Logger;
  /** What this hedge holds has changed by a fill that is not an order's. Inside a transaction. */
  readonly refresh: (hedgeId: string) => void;
}): Promise<{
  readonly booked: number;
  /** What was charged for loans whose hedge is long over. */
  readonly outlived: readonly InterestPayment[];
}> {
  const { store, venues, clock, log } = options;
  let booked = 0;
  const outlived: InterestPayment[] = [];
  for (const { id, account } of venues.values()) {
    if (!account.interestPayments) continue;
    const factKey = `interestBookedThrough:${id}`;
    const now = clock.marketNow();
    const began = Number(store.getFact(`interestSince:${id}`) ?? String(firstLoan(store, id, now)));
    const through = Number(store.getFact(factKey) ?? String(began));
    try {
      const payments = await account.interestPayments(Math.max(began, through - OVERLAP_MS));
      store.transaction(() => {
        const hedges = store.listHedges();
        for (const payment of payments) {
          if (!book(options, hedges, payment)) continue;
          booked += 1;
          if (hasOutlived(hedges, payment)) outlived.push(payment);
        }
        store.setFact(`interestSince:${id}`, String(began));
        store.setFact(factKey, String(now));
      });
    } catch (error) {
      log.warn("interestUnknown", { venue: id, error });
    }
  }
  return { booked, outlived };
}

/** Some venues take back what they lent up to an hour after it was bought, and charge for that hour. */
const REPAID_WITHIN_MS = 2 * 3_600_000;

function hasOutlived(
  hedges: readonly Hedge[],
  { venue, symbol, chargedAt: at }: InterestPayment,
): boolean {
  if (symbol === null || hedges.some((hedge) => stoodOn(hedge, { venue, symbol, at })))
    return false;
  return hedges.some(({ closedAt, legs }) => {
    const isOver = closedAt !== null && closedAt + REPAID_WITHIN_MS < at;
    const owed = (leg: HedgeLeg) => leg.venue === venue && leg.symbol === symbol && borrows(leg);
    return isOver && legs.some(owed);
  });
}

/** A hedge may borrow before the first look: what it was charged is its own. Other loans are the owner's. */
function firstLoan(store: Books, venue: VenueId, now: EpochMs): EpochMs {
  const borrowing = store
    .listHedges()
    .filter(({ legs }) => legs.some((leg) => leg.venue === venue && borrows(leg)));
  return Math.min(now, ...borrowing.map(({ openedAt }) => openedAt - 1));
}

function borrows({ side, symbol }: HedgeLeg): boolean {
  return side === "short" && isSpotSymbol(symbol);
}

function book(
  { store, refresh }: Pick<Parameters<typeof bookInterest>[0], "store" | "refresh">,
  hedges: readonly Hedge[],
  payment: InterestPayment,
): boolean {
  const { venue, symbol, paymentId, amountUsd, chargedAt } = payment;
  const owner = symbol
    ? hedges.find((hedge) => stoodOn(hedge, { venue, symbol, at: chargedAt }))
    : undefined;
  const isNew = store.insertLedgerEntry({
    ...{ id: `interest:${venue}:${paymentId}`, kind: "interest", venue, symbol, amountUsd },
    hedgeId: owner?.id ?? null,
    bookedFor: chargedAt,
  });
  const grown = isNew && owner ? grownFill(payment) : null;
  if (!owner || !grown || !store.insertFill(grown, owner.id)) return isNew;
  postFills(store);
  if (owner.phase !== "closed") refresh(owner.id);
  return isNew;
}
