import { ZERO } from "#src/core/decimal.ts";
import type { Hedge } from "#src/core/hedge.ts";
import type { VenueId } from "#src/core/instrument.ts";
import { type EpochMs, type NotionalUsd, notionalUsd } from "#src/core/units.ts";
import type { Store } from "#src/ports/store.ts";

/** A balance that was read this long before an order may not show what that order took. */
const BALANCE_LAG_MS = 15_000;

type Books = Pick<Store, "listHedges" | "listAttempts" | "getProposal">;

/**
 * What openings may still use of each venue's balance, or have used since it was read (`seenAt`, wall
 * time): two of them cannot share one balance. Inside the transaction that admits the next one.
 */
export function reservedBalances(store: Books, seenAt: EpochMs): ReadonlyMap<VenueId, NotionalUsd> {
  const reserved = new Map<VenueId, NotionalUsd>();
  for (const hedge of store.listHedges(["opening", "unwinding", "open", "review"])) {
    const proposal = store.getProposal(hedge.proposalId)?.proposal;
    if (proposal?.kind !== "open" || !mayBeUnseen(store, hedge, seenAt)) continue;
    for (const leg of proposal.legs) {
      const before = reserved.get(leg.venue) ?? ZERO;
      reserved.set(leg.venue, notionalUsd(before.plus(leg.notionalUsd)));
    }
  }
  return reserved;
}

/** It is being opened, or was so lately that the balance may be from before. */
function mayBeUnseen(store: Books, hedge: Hedge, seenAt: EpochMs): boolean {
  if (hedge.phase === "opening") return true;
  return store
    .listAttempts({ hedgeId: hedge.id })
    .some(({ createdAtWall }) => createdAtWall >= seenAt - BALANCE_LAG_MS);
}
