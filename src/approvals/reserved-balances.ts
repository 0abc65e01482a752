import { type Decimal, ZERO } from "#src/core/decimal.ts";
import type { Hedge } from "#src/core/hedge.ts";
import { isSpotSymbol, type VenueId } from "#src/core/instrument.ts";
import type { OpenProposal } from "#src/core/proposal.ts";
import { type EpochMs, type Usd, usd } from "#src/core/units.ts";
import type { Store } from "#src/ports/store.ts";

/** A balance that was read this long before an order may not show what that order took. */
const BALANCE_LAG_MS = 15_000;

type Books = Pick<Store, "listHedges" | "listAttempts" | "getProposal">;

/**
 * What openings may still take of each venue's balance, or have taken since it was read (`seenAt`, wall
 * time), coins in full and perps by their leverage: two of them cannot share one balance. Inside the
 * transaction that admits the next one.
 */
export function reservedBalances(
  store: Books,
  seenAt: EpochMs,
  leverage: Decimal,
): ReadonlyMap<VenueId, Usd> {
  const reserved = new Map<VenueId, Usd>();
  for (const leg of openingsInFlight(store, seenAt).flatMap(({ legs }) => legs)) {
    const takes = isSpotSymbol(leg.symbol) ? leg.notionalUsd : leg.notionalUsd.div(leverage);
    reserved.set(leg.venue, usd(takes.plus(reserved.get(leg.venue) ?? ZERO)));
  }
  return reserved;
}

/** Plans whose orders a balance read at `seenAt` (wall time) may not show. */
function openingsInFlight(store: Books, seenAt: EpochMs): readonly OpenProposal[] {
  return store
    .listHedges(["opening", "unwinding", "open", "review"])
    .filter((hedge) => mayBeUnseen(store, hedge, seenAt))
    .flatMap((hedge) => {
      const proposal = store.getProposal(hedge.proposalId)?.proposal;
      return proposal?.kind === "open" ? [proposal] : [];
    });
}

/** It is being opened, or was so lately that the balance may be from before. */
function mayBeUnseen(store: Books, hedge: Hedge, seenAt: EpochMs): boolean {
  if (hedge.phase === "opening") return true;
  return store
    .listAttempts({ hedgeId: hedge.id })
    .some(({ createdAtWall }) => createdAtWall >= seenAt - BALANCE_LAG_MS);
}
