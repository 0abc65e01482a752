import { ZERO } from "#src/core/decimal.ts";
import { describeError } from "#src/core/errors.ts";
import { type HedgeLeg, LIVE_PHASES } from "#src/core/hedge.ts";
import type { VenueId } from "#src/core/instrument.ts";
import { LIVE_ATTEMPTS } from "#src/core/order.ts";
import type { EpochMs } from "#src/core/units.ts";
import type { Venue } from "#src/ports/venue.ts";
import { alertOwner, raiseOnce } from "./alert-owner.ts";
import { askVenue, readPositions, warmUp } from "./ask-venue.ts";
import { closeIfFlat } from "./close-hedge.ts";
import type { ExecutionContext } from "./context.ts";
import { flattenPosition, isKnownTooSmall } from "./flatten-position.ts";
import type { KillResult, KillRun } from "./kill-result.ts";
import { adoptFills } from "./reconcile.ts";
import { cancelAttempt, resolveStale } from "./resolve-attempt.ts";

/** One run ends after this; while /kill is wanted, the watch starts the next. */
const RUN_MS = 60_000;
/** Who sent it hears of a venue that resists before the run is over. */
const TELL_MS = 20_000;
const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [100, 1_000];
/** A position read this long ago may be closed before it is read anew. */
const FRESH_MS = 15_000;
/** While this fact says yes, everything is still to be made flat. */
const KILL_WANTED = "killWanted";

/** Durable: from here on nothing opens and everything is to be made flat. Inside a transaction. */
export function wantKill({ store }: Pick<ExecutionContext, "store">): void {
  store.setTradingState("halted");
  store.setFact(KILL_WANTED, "yes");
  for (const hedge of store.listHedges(LIVE_PHASES)) {
    if (hedge.phase !== "closing") store.updateHedge(hedge, { phase: "closing" });
  }
}

const RETRY_MS = 1_000;

/**
 * Writes the wish down, as often as it takes: while nothing can be written no order may leave either, and
 * the owner is told so. Resolves once it is on disk.
 */
export async function insistOnKill(context: ExecutionContext, write: () => void): Promise<void> {
  const { clock, shout, log } = context;
  for (let tries = 0; ; tries += 1) {
    try {
      return write();
    } catch (error) {
      log.error("killNotWritten", { tries, error: describeError(error) });
      if (tries === 0) {
        shout(
          "/kill cannot be written to disk, so no order may be sent. It is tried again every second; free some space, or close the positions on the venues by hand.",
        );
      }
    }
    await clock.sleep(RETRY_MS);
  }
}

export function isKillWanted({ store }: Pick<ExecutionContext, "store">): boolean {
  return store.getFact(KILL_WANTED) === "yes";
}

/** A kill that did not end flat, or was cut off, goes on. */
export async function pursueKill(context: ExecutionContext): Promise<void> {
  if (isKillWanted(context) && !context.memory.killing) {
    await killSwitch(context, { startedAt: context.clock.wallNow() });
  }
}

/**
 * Everything flat. The caller has written `wantKill` already, so nothing new can open. What was just seen
 * is closed at once, while resting orders are cancelled; then each venue goes its own way, reading,
 * cancelling and closing until two reads in a row show nothing and the books agree.
 */
export function killSwitch(
  context: ExecutionContext,
  { startedAt }: { readonly startedAt: EpochMs },
): Promise<KillResult> {
  const { memory } = context;
  memory.killing ??= flattenAll(context, startedAt).finally(() => {
    memory.killing = null;
  });
  return memory.killing;
}

async function flattenAll(context: ExecutionContext, startedAt: EpochMs): Promise<KillResult> {
  const { clock, venues, store } = context;
  const run: KillRun = {
    ...{ startedAt, legs: new Map(), lastOrderSentMs: null },
    ...{ tooSmall: new Map(), empty: new Map() },
  };
  const each = await Promise.all(
    [...venues.values()].map((venue) => flattenUntilFlat(context, venue, run)),
  );
  settleHedges(context);
  const empty = [...venues.keys()].every(
    (id, index) => each[index] === true || isSteadilyEmpty(context, run, id),
  );
  if (empty) writeOff(context, run);
  // Also what stands on a venue that is not connected: no read of ours showed that.
  const done = empty;
  const flat = done && run.tooSmall.size === 0 && store.listHedges(LIVE_PHASES).length === 0;
  if (flat) tellFlat(context);
  else if (done && run.tooSmall.size > 0) tellRemainders(context, run);
  else tellNotFlat(context);
  return {
    flat,
    legs: [...run.legs.values()],
    lastOrderSentMs: run.lastOrderSentMs,
    elapsedMs: clock.wallNow() - startedAt,
  };
}

/** True once two reads in a row showed nothing on this venue. */
async function flattenUntilFlat(
  context: ExecutionContext,
  venue: Venue,
  run: KillRun,
): Promise<boolean> {
  const { clock } = context;
  const sinceMs = clock.elapsedMs();
  await guarded(context, venue.id, () => closeWhatWasSeen(context, venue.id, run));
  let flatReads = 0;
  let pause = FIRST_PAUSE_MS;
  while (flatReads < 2 && clock.elapsedMs() - sinceMs < RUN_MS) {
    if (clock.elapsedMs() - sinceMs > TELL_MS) tellNotFlat(context);
    const flat = await guarded(context, venue.id, () => flattenRound(context, venue, run));
    flatReads = flat ? flatReads + 1 : 0;
    if (flatReads < 2) await clock.sleep(pause);
    if (!flat) pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }
  return flatReads >= 2;
}

/** The first wave: needs no read, so that the closing orders leave with the cancels. */
async function closeWhatWasSeen(
  context: ExecutionContext,
  venueId: VenueId,
  run: KillRun,
): Promise<boolean> {
  const { memory, clock } = context;
  const fresh = [...memory.seen.values()].filter(
    ({ position, readMs }) =>
      position.venue === venueId &&
      !position.sizeBase.eq(ZERO) &&
      clock.elapsedMs() - readMs <= FRESH_MS,
  );
  await Promise.all([
    ...fresh.map(({ position }) => flattenPosition(context, position, run)),
    ...resting(context, venueId).map((attempt) => cancelAttempt(context, attempt)),
  ]);
  return true;
}

/** True when the venue holds nothing, rests nothing, and nothing of ours may still fill there. */
async function flattenRound(
  context: ExecutionContext,
  venue: Venue,
  run: KillRun,
): Promise<boolean> {
  const { clock } = context;
  // A look that fails or shows anything begins the count anew.
  const before = run.empty.get(venue.id);
  run.empty.delete(venue.id);
  await resolveStale(context, (attempt) => attempt.request.venue === venue.id);
  const [positions, orders] = await Promise.all([
    readPositions(context, venue.id),
    // Positions are closed also while orders cannot be listed; flat it is not called then.
    askVenue(context, venue.account.openOrders()).catch(() => null),
    warmUp(context, venue.id).catch(() => undefined),
  ]);
  const held = positions.filter((position) => !position.sizeBase.eq(ZERO));
  await Promise.all([
    ...(orders ?? []).map(({ symbol, clientOrderId }) =>
      cancelAttempt(context, { request: { venue: venue.id, symbol, clientOrderId } }),
    ),
    ...held.map((position) => flattenPosition(context, position, run)),
  ]);
  const left = held.filter((position) => !isKnownTooSmall(run, position));
  if (left.length > 0 || orders?.length !== 0 || mayStillFill(context, venue.id)) return false;
  const flat = await booksAreFlat(context, venue.id, run);
  run.empty.set(venue.id, {
    ...(before ?? { sinceMs: clock.elapsedMs() }),
    looks: (before?.looks ?? 0) + 1,
  });
  return flat;
}

/** The venue is flat; what our books still hold there is booked from its fills. */
async function booksAreFlat(
  context: ExecutionContext,
  venueId: VenueId,
  { tooSmall }: KillRun,
): Promise<boolean> {
  const holds = ({ venue, symbol, heldBase }: HedgeLeg) =>
    venue === venueId && !heldBase.eq(ZERO) && !tooSmall.has(`${venue}:${symbol}`);
  const holding = () =>
    context.store.listHedges(LIVE_PHASES).filter(({ legs }) => legs.some(holds));
  for (const hedge of holding()) await adoptFills(context, hedge);
  return holding().length === 0;
}

function resting({ store }: ExecutionContext, venueId: VenueId) {
  return store
    .listAttempts({ states: ["sent", "unknown"] })
    .filter(({ request }) => request.venue === venueId && request.timeInForce !== "ioc");
}

function mayStillFill({ store }: ExecutionContext, venueId: VenueId): boolean {
  return store
    .listAttempts({ states: LIVE_ATTEMPTS })
    .some((attempt) => attempt.request.venue === venueId);
}

async function guarded(
  context: ExecutionContext,
  venue: VenueId,
  work: () => Promise<boolean>,
): Promise<boolean> {
  try {
    return await work();
  } catch (error) {
    context.log.error("killVenueFailed", { venue, error: describeError(error) });
    return false;
  }
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
    const left = hedge.legs.map((leg) => `${leg.venue} ${leg.heldBase.toFixed()}`).join(", ");
    store.transaction(() => {
      store.updateHedge(hedge, { phase: "closed", closedAt: clock.marketNow() });
      alertOwner(context, {
        severity: "critical",
        reason: "WRITTEN_OFF",
        hedgeId: hedge.id,
        text: `${hedge.asset} ${hedge.id} is closed: the venues hold nothing of it. Our books still say ${left}, which no fill explains, so its result is not known. Look at the trade history of both venues.`,
      });
    });
  }
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
    store.setFact(KILL_WANTED, "no");
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
  const left = [...tooSmall].map(([market, size]) => `${size} of ${market}`).join(", ");
  store.transaction(() => {
    store.setFact(KILL_WANTED, "remainders");
    alertOwner(context, {
      severity: "critical",
      reason: "DUST",
      hedgeId: null,
      text: `Everything is closed but remainders that are too small for an order: ${left}. Close them by hand if you mind them. Trading stays halted until you /resume.`,
    });
  });
}

function tellNotFlat(context: ExecutionContext): void {
  raiseOnce(context, "notFlat", {
    severity: "critical",
    reason: "NOT_FLAT",
    hedgeId: null,
    text: "Not everything is flat yet. Trading stays halted and it is tried again all the time; look at the venues, and close what is left there by hand if you can.",
  });
}
