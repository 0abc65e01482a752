import { LIVE_PHASES } from "#src/core/hedge.ts";
import type { VenueId } from "#src/core/instrument.ts";
import type { VenueHealth } from "#src/ports/venue.ts";
import { raiseOnce } from "./alert-owner.ts";
import { type ExecutionContext, requireVenue } from "./context.ts";
import type { EngineMemory } from "./engine-memory.ts";

/** A venue that is silent this long is told of, and again after the other. */
const [SILENT_MS, SILENT_AGAIN_MS] = [30_000, 3_600_000];

/**
 * Says once that a venue is out of reach, for each hedge on it, and once that it is back. What is held there
 * nobody can see: said for every venue, since books that are old would not know.
 */
export function tellOfOutage(context: ExecutionContext, venue: VenueId): void {
  const { memory, clock } = context;
  const health = requireVenue(context, venue).health();
  const silentMs = clock.elapsedMs() - (memory.readMs.get(venue) ?? memory.startedMs);
  if (silentMs >= SILENT_MS || health.state === "down") {
    tellEach(context, venue, { health, silentMs });
  } else if (health.state === "ok") {
    tellOfReturn(context, venue);
  }
}

function tellEach(
  context: ExecutionContext,
  venue: VenueId,
  { health, silentMs }: { readonly health: VenueHealth; readonly silentMs: number },
): void {
  const { memory, store } = context;
  const held = store
    .listHedges(LIVE_PHASES)
    .filter(({ legs }) => legs.some((leg) => leg.venue === venue));
  const why = health.reason === null ? "" : ` (${health.reason})`;
  for (const hedge of held.length > 0 ? held : [null]) {
    const what = hedge === null ? "Hedges are" : `${hedge.asset} ${hedge.id} is`;
    const key = keyOf(venue, hedge?.id ?? null);
    const alert = {
      severity: "warning",
      reason: "NOT_VERIFIED",
      hedgeId: hedge?.id ?? null,
      text: `${venue} did not say for ${Math.round(silentMs / 1_000)} s what it holds${why}. Nothing opens there. ${what} left alone, and watched again when it answers; it is asked every few seconds. /kill closes everything.`,
    } as const;
    raiseOnce(context, key, alert, SILENT_AGAIN_MS);
    // That it could not be shown to be neutral is thereby said.
    const toldMs = memory.toldMs.get(key);
    const unsure = `unsure:${hedge?.id ?? ""}`;
    if (toldMs !== undefined && toldMs > (memory.toldMs.get(unsure) ?? Number.NEGATIVE_INFINITY)) {
      memory.toldMs.set(unsure, toldMs);
    }
  }
}

/** Was the owner told that it is out of reach, for this hedge, and not yet that it is back? */
export function isOutageTold({ toldMs }: EngineMemory, venue: VenueId, hedgeId: string): boolean {
  return toldMs.has(keyOf(venue, hedgeId));
}

function tellOfReturn(context: ExecutionContext, venue: VenueId): void {
  const { toldMs } = context.memory;
  const ofVenue = keyOf(venue, null);
  const told = [...toldMs.keys()].filter((key) => key.startsWith(ofVenue));
  if (told.length === 0) return;
  for (const key of told) toldMs.delete(key);
  const alert = {
    severity: "info",
    reason: "VENUE_BACK",
    hedgeId: null,
    text: `${venue} answers again; its positions are compared with the books as before.`,
  } as const;
  raiseOnce(context, `back:${venue}`, alert, 0);
}

function keyOf(venue: VenueId, hedgeId: string | null): string {
  return `silent:${venue}:${hedgeId ?? ""}`;
}
