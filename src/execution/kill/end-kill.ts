import { ZERO } from "#src/core/decimal.ts";
import { describeError } from "#src/core/errors.ts";
import { type Hedge, LIVE_PHASES } from "#src/core/hedge.ts";
import { isSpotSymbol, type VenueId } from "#src/core/instrument.ts";
import { shownName } from "#src/core/words/plain-name.ts";
import { alertOwner, raiseOnce } from "#src/execution/alert-owner.ts";
import { closeIfFlat } from "#src/execution/close-hedge.ts";
import type { ExecutionContext } from "#src/execution/context.ts";
import type { KillRun } from "./kill-result.ts";
import { endKill } from "./kill-wish.ts";

/** What a run of /kill came to, in the books and in words; true when everything is verified flat. */
export function concludeKill(
  context: ExecutionContext,
  run: KillRun,
  flatVenues: ReadonlySet<VenueId>,
): boolean {
  const { store, venues } = context;
  settleHedges(context);
  const empty = [...venues.keys()].every(
    (id) => flatVenues.has(id) || isSteadilyEmpty(context, run, id),
  );
  if (empty) writeOff(context, run);
  // Also what stands on a venue that is not connected: no read of ours showed that.
  const flat = empty && run.tooSmall.size === 0 && store.listHedges(LIVE_PHASES).length === 0;
  if (flat) tellFlat(context);
  else if (empty && run.tooSmall.size > 0) tellRemainders(context, run);
  else tellNotFlat(context);
  return flat;
}

/** One empty answer may be a mistake: this takes many in a row, over half a minute. */
const [EMPTY_LOOKS, EMPTY_MS] = [15, 30_000];

function isSteadilyEmpty({ clock }: ExecutionContext, { empty }: KillRun, venue: VenueId): boolean {
  const seen = empty.get(venue);
  return (
    seen !== undefined && seen.looks >= EMPTY_LOOKS && clock.elapsedMs() - seen.sinceMs >= EMPTY_MS
  );
}

/**
 * For a long time every venue showed nothing, and no fill explains what our books still hold: the
 * venues are right. The hedge is closed as it stands, and a person hears that its result is not known.
 */
function writeOff({ store, clock, ...rest }: ExecutionContext, { tooSmall }: KillRun): void {
  const context = { store, clock, ...rest };
  for (const hedge of store.listHedges(LIVE_PHASES)) {
    const dust = hedge.legs.some((leg) => tooSmall.has(`${leg.venue}:${leg.symbol}`));
    const here = hedge.legs.every((leg) => context.venues.has(leg.venue));
    if (dust || !here || store.hasLiveAttempt(hedge.id)) continue;
    store.transaction(() => {
      store.updateHedge(hedge, { phase: "closed", closedAt: clock.marketNow() });
      alertOwner(context, {
        severity: "critical",
        reason: "WRITTEN_OFF",
        hedgeId: hedge.id,
        text: `${hedge.asset} ${hedge.id} is closed: the venues hold nothing of it. ${whatIsUnknown(hedge)}`,
      });
    });
  }
}

/** Of a loan that somebody's coins repaid, what it was sold for is there in their place: that can be undone by hand. */
function whatIsUnknown({ asset, legs }: Hedge): string {
  const [leg, ...others] = legs.filter(({ heldBase }) => heldBase.gt(ZERO));
  if (leg && others.length === 0 && leg.side === "short" && isSpotSymbol(leg.symbol)) {
    const size = `${leg.heldBase.toFixed()} ${asset}`;
    return `No trade explains what repaid ${size} of its loan on ${leg.venue}: most likely coins of yours that came there. Then they are spent, and the dollars that the loan was sold for are in the account instead. If you want the coins back, buy ${size} there by hand. The result of the hedge is not known.`;
  }
  const left = legs.map(({ venue, heldBase }) => `${venue} ${heldBase.toFixed()}`).join(", ");
  return `Our books still say ${left}, which no fill explains, so its result is not known. Look at the trade history of both venues.`;
}

function settleHedges(context: ExecutionContext): void {
  for (const hedge of context.store.listHedges(LIVE_PHASES)) {
    try {
      closeIfFlat(context, hedge.id);
    } catch (error) {
      // The venues are what counts now; the books are mended by the next watch.
      context.log.error("killBooksFailed", { hedgeId: hedge.id, error: describeError(error) });
    }
  }
}

/** On disk first; said when the last word was that it is not flat. */
function tellFlat(context: ExecutionContext): void {
  const { store, memory } = context;
  store.transaction(() => {
    endKill(context, "no");
    if (!memory.toldMs.has("notFlat")) return;
    alertOwner(context, {
      severity: "warning",
      reason: "FLAT_AT_LAST",
      hedgeId: null,
      text: "Everything is flat now, verified on every venue. Trading stays halted until you /resume.",
    });
  });
  memory.toldMs.delete("notFlat");
}

/** All that any order can close is closed; /resume must not wait for what none can. */
function tellRemainders(context: ExecutionContext, { tooSmall }: KillRun): void {
  const { store } = context;
  const left = [...tooSmall].map(([market, size]) => `${size} of ${shownName(market)}`).join(", ");
  store.transaction(() => {
    endKill(context, "remainders");
    alertOwner(context, {
      severity: "critical",
      reason: "DUST",
      hedgeId: null,
      text: `Everything is closed but remainders that are too small for an order: ${left}. Close them by hand if you mind them. Trading stays halted until you /resume.`,
    });
  });
}

export function tellNotFlat(context: ExecutionContext): void {
  raiseOnce(context, "notFlat", {
    severity: "critical",
    reason: "NOT_FLAT",
    hedgeId: null,
    text: "Not everything is flat yet. Trading stays halted and it is tried again all the time; look at the venues, and close what is left there by hand if you can.",
  });
}
