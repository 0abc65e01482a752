import { revokeMandate } from "#src/approvals/mandate.ts";
import { canonicalHash } from "#src/core/canonical-hash.ts";
import { DAY_MS } from "#src/core/funding.ts";
import type { VenueId } from "#src/core/instrument.ts";
import type { Mandate } from "#src/core/mandate.ts";
import { ownerOf, type PipelineContext } from "#src/pipeline/context.ts";
import type { MandateFacts, ProposeMandateResult } from "#src/pipeline/contract.ts";
import { askOwner } from "./ask-owner.ts";

/** A card with the bounds from the settings; nothing runs alone before it is armed with a tap. */
export function offerMandate(context: PipelineContext): ProposeMandateResult {
  const { store, clock, ids, settings } = context;
  const owner = ownerOf(store);
  if (!owner) return { kind: "notBound" };
  if (store.armedMandate()) return { kind: "alreadyArmed" };
  const { days, ...bounds } = settings.mandate;
  const isNamed = (venue: VenueId) => bounds.venues.length === 0 || bounds.venues.includes(venue);
  const mandate: Mandate = {
    ...bounds,
    // Frozen by the tap: what settings add later is not what the card said.
    spotVenues: settings.spotVenues.filter(isNamed),
    id: ids.next("M"),
    ownerId: owner.ownerId,
    state: "offered",
    armedAt: null,
    endsAt: clock.marketNow() + days * DAY_MS,
  };
  store.transaction(() => {
    store.insertMandate(mandate);
    askOwner(context, {
      subject: "mandate",
      subjectId: mandate.id,
      subjectHash: canonicalHash(mandate),
      card: (nonce) => ({ type: "mandateCard", mandateId: mandate.id, nonce }),
    });
  });
  return { kind: "offered" };
}

/** The bounds, who would choose within them, and when. */
export function mandateFacts(
  { store, settings, advisor, mode }: PipelineContext,
  mandateId: string,
): MandateFacts | null {
  const mandate = store.getMandate(mandateId);
  if (!mandate) return null;
  const { openWithoutModel, window } = settings;
  return { mandate, mode, voters: advisor?.models ?? [], openWithoutModel, window };
}

export function revokeArmedMandate({ store, clock }: PipelineContext, actor: string): boolean {
  return store.transaction(() => revokeMandate(store, actor, clock.wallNow()));
}
