import type { FundingPayment } from "#src/core/funding.ts";
import type { Hedge } from "#src/core/hedge.ts";
import type { VenueId } from "#src/core/instrument.ts";
import type { EpochMs } from "#src/core/units.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Logger } from "#src/ports/logger.ts";
import type { Store } from "#src/ports/store.ts";
import type { Venue } from "#src/ports/venue.ts";

/** Payments may appear late: each look goes back this far, and unique ids keep them single. */
const OVERLAP_MS = 24 * 3_600_000;

/** What a venue said when it was asked, also of payments that were booked before. Market time. */
export interface FundingAnswer {
  readonly venue: VenueId;
  /** Payments after this, up to when it was asked. */
  readonly since: EpochMs;
  readonly askedAt: EpochMs;
  readonly payments: readonly FundingPayment[];
}

/** Books what the venues say they have paid or charged, each payment once, to the hedge that earned it. */
export async function bookFunding(options: {
  readonly store: Store;
  readonly venues: ReadonlyMap<VenueId, Venue>;
  readonly clock: Clock;
  readonly log: Logger;
}): Promise<{ readonly booked: number; readonly answers: readonly FundingAnswer[] }> {
  const { store, venues, clock, log } = options;
  const answers: FundingAnswer[] = [];
  let booked = 0;
  for (const venue of venues.values()) {
    const factKey = `fundingBookedThrough:${venue.id}`;
    const since = Number(store.getFact(factKey) ?? "0") - OVERLAP_MS;
    const askedAt = clock.marketNow();
    try {
      const payments = await venue.account.fundingPayments(since);
      store.transaction(() => {
        const hedges = store.listHedges();
        for (const payment of payments) if (book(store, hedges, payment)) booked += 1;
        store.setFact(factKey, String(askedAt));
      });
      answers.push({ venue: venue.id, since, askedAt, payments });
    } catch (error) {
      log.warn("fundingUnknown", { venue: venue.id, error });
    }
  }
  return { booked, answers };
}

function book(store: Store, hedges: readonly Hedge[], payment: FundingPayment): boolean {
  const due = { ...payment, at: payment.fundingAt };
  const hedgeId = hedges.find((hedge) => stoodOn(hedge, due))?.id ?? null;
  if (!store.insertFundingPayment(payment, hedgeId)) return false;
  return store.insertLedgerEntry({
    id: `funding:${payment.venue}:${payment.paymentId}`,
    kind: "funding",
    hedgeId,
    venue: payment.venue,
    symbol: payment.symbol,
    amountUsd: payment.amountUsd,
    bookedFor: payment.fundingAt,
  });
}

/** Did this hedge stand on that instrument then? Market time. */
export function stoodOn(
  hedge: Hedge,
  { venue, symbol, at }: { readonly venue: VenueId; readonly symbol: string; readonly at: EpochMs },
): boolean {
  const hasLeg = hedge.legs.some((leg) => leg.venue === venue && leg.symbol === symbol);
  return hasLeg && hedge.openedAt <= at && (hedge.closedAt ?? at) >= at;
}
