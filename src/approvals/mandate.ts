import { maxOf, sum } from "#src/core/decimal.ts";
import { DAY_MS } from "#src/core/funding.ts";
import type { Mandate, MandateUse } from "#src/core/mandate.ts";
import { type EpochMs, notionalUsd, type Usd } from "#src/core/units.ts";
import type { Store } from "#src/ports/store.ts";

/** Arms an offer; any other armed mandate ends first. Inside a transaction; `marketNow` is market time. */
export function armMandate(store: Store, id: string, marketNow: EpochMs): boolean {
  const offered = store.getMandate(id);
  if (offered?.state !== "offered" || offered.endsAt <= marketNow) return false;
  const armed = store.armedMandate();
  if (armed) store.moveMandate(armed.id, "revoked", marketNow);
  return store.moveMandate(id, "armed", marketNow);
}

/** Ends the armed mandate; false when there is none. Inside a transaction. */
export function revokeMandate(store: Store, actor: string, wallNow: EpochMs): boolean {
  const armed = store.armedMandate();
  if (!armed) return false;
  store.audit("mandateRevoked", actor, { id: armed.id }, wallNow);
  return store.moveMandate(armed.id, "revoked", wallNow);
}

/** Ends the armed mandate when its time is over; true when it just did. Inside a transaction. */
export function expireMandate(store: Store, marketNow: EpochMs): boolean {
  const armed = store.armedMandate();
  return armed !== null && armed.endsAt <= marketNow
    ? store.moveMandate(armed.id, "expired", marketNow)
    : false;
}

/**
 * What it has used, counted from the database. What earlier mandates opened and is still held counts in the
 * total: renewing one must not make room twice. A day is a UTC day of market time.
 */
export function mandateUse(
  store: Store,
  mandate: Pick<Mandate, "id">,
  at: { readonly marketNow: EpochMs; readonly pnlTodayUsd: Usd },
): MandateUse {
  const mandated = store.listHedges().filter((hedge) => hedge.mandateId !== null);
  const mine = mandated.filter((hedge) => hedge.mandateId === mandate.id);
  const dayStart = at.marketNow - (at.marketNow % DAY_MS);
  const open = mandated.filter((hedge) => hedge.phase !== "closed");
  return {
    marketNow: at.marketNow,
    openUsd: notionalUsd(sum(open.map((hedge) => plannedNotional(store, hedge.proposalId)))),
    opensToday: mine.filter((hedge) => hedge.openedAt >= dayStart).length,
    pnlTodayUsd: at.pnlTodayUsd,
  };
}

function plannedNotional(store: Store, proposalId: string) {
  const proposal = store.getProposal(proposalId)?.proposal;
  // A hedge without its plan cannot be counted, and what cannot be counted leaves no room.
  if (proposal?.kind !== "open") throw new Error(`no plan ${proposalId}`);
  return maxOf(proposal.legs[0].notionalUsd, proposal.legs[1].notionalUsd);
}
