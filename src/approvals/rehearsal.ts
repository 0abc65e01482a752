import type { VenueId } from "#src/core/instrument.ts";
import { decodeConfirmation, type LiveConfirmation } from "#src/core/rules/live-bounds.ts";
import type { Store } from "#src/ports/store.ts";

type Facts = Pick<Store, "getFact">;

/** The fact that holds the owner's confirmation of live mode. */
export const LIVE_CONFIRMATION = "liveConfirmation";
/** What the approval of live mode is about. */
export const LIVE_SUBJECT = "live-mode";

/** How long the bot has run on this venue in rehearsal, in milliseconds. */
export function rehearsedMs(store: Facts, venue: VenueId): number {
  return Number(store.getFact(factOf(venue)) ?? "0");
}

/** Adds what was run since. Inside a transaction. */
export function addRehearsed(store: Facts & Pick<Store, "setFact">, venue: VenueId, ms: number) {
  store.setFact(factOf(venue), String(rehearsedMs(store, venue) + Math.floor(ms)));
}

/** The venue that was rehearsed least decides. */
export function leastRehearsedMs(store: Facts, venues: readonly VenueId[]): number {
  return Math.min(...venues.map((venue) => rehearsedMs(store, venue)));
}

/** What was confirmed, by a tap here or in the rehearsal: of what is written, only what the audit tells of. */
export function liveConfirmation(store: Facts & Pick<Store, "isAudited">): LiveConfirmation | null {
  const confirmation = writtenConfirmation(store);
  const isProven =
    confirmation !== null &&
    (store.isAudited("liveConfirmed", "owner", { confirmation }) ||
      store.isAudited("liveAdopted", "engine", { confirmation }));
  return isProven ? confirmation : null;
}

/** What is written as confirmed: whoever has the file can write it. */
export function writtenConfirmation(store: Facts): LiveConfirmation | null {
  const json = store.getFact(LIVE_CONFIRMATION);
  return json === null ? null : decodeConfirmation(json);
}

function factOf(venue: VenueId): string {
  return `rehearsedMs:${venue}`;
}
