import { dec, ZERO } from "#src/core/decimal.ts";
import { describeError } from "#src/core/errors.ts";
import { type Hedge, type HedgeLeg, LIVE_PHASES } from "#src/core/hedge.ts";
import { isSpotSymbol, type VenueId } from "#src/core/instrument.ts";
import type { Position } from "#src/core/order.ts";
import { shownName } from "#src/core/words/plain-name.ts";
import { alertOwner, isNews, raiseOnce } from "./alert-owner.ts";
import type { ExecutionContext } from "./context.ts";
import { readPositions, warmUp } from "./fate/ask-venue.ts";
import { resolveStale } from "./fate/resolve-attempt.ts";
import { driftOf } from "./judge-drift.ts";
import { pursueKill } from "./kill/kill-switch.ts";
import { difference } from "./legs/match-legs.ts";
import { isLeftover, legAgrees } from "./legs/spot-balance.ts";
import type { Reads } from "./reconcile.ts";
import { isOutageTold, tellOfOutage } from "./tell-of-outage.ts";
import { tendHedge } from "./tend-hedge.ts";

/** A hedge that nobody could show to be neutral for this long is told of: within a minute at the latest. */
const UNSURE_MS = 45_000;
/** Sooner when the fate of an order stays unknown for this long. */
const UNKNOWN_MS = 8_000;
const STRANGER_AGAIN_MS = 3_600_000;
const LOG_AGAIN_MS = 300_000;
/** A reading of a position counts for this long. */
const FRESH_MS = 15_000;
/** A strange position that was seen once, and whose venue then fell silent, is told of after this. */
const STRANGER_MS = 12_000;
/** Looks in a row that did not show it: so many for one that was seen once, and for any. */
const [GONE_AFTER, FORGOTTEN_AFTER] = [3, 12];
/** Of coins that were told of: so many times as many are news again. */
const MANY_MORE = "1.1";

/**
 * One round of the watch, every few seconds: says what is not known to be neutral, reads every venue's
 * positions once, tends every hedge that nobody works on, and carries on a /kill that has not ended.
 * Rounds may overlap.
 */
export async function keepWatch(context: ExecutionContext): Promise<void> {
  const hedges = context.store.listHedges(LIVE_PHASES);
  for (const hedge of hedges) warnWhenUnsure(context, hedge);
  const reads: Reads = new Map(
    [...context.venues.keys()].map((venue) => [venue, readPositions(context, venue)]),
  );
  // Whoever asks for one hears of its failure; nobody may ask.
  for (const read of reads.values()) read.catch(() => undefined);
  await Promise.all([
    pursueKill(context),
    findStrangers(context, reads),
    resolveStale(context, ({ hedgeId }) => !hedges.some((hedge) => hedge.id === hedgeId)),
    ...hedges.map((hedge) =>
      tendHedge(context, hedge, reads).catch((error: unknown) => {
        context.log.warn("tendFailed", { hedgeId: hedge.id, error: describeError(error) });
      }),
    ),
  ]);
}

/** Said from memory alone, whatever the hedge is waiting for: the alert must not wait for the same. */
function warnWhenUnsure(context: ExecutionContext, hedge: Hedge): void {
  const { memory, clock } = context;
  const sinceMs = memory.neutralMs.get(hedge.id) ?? memory.bornMs.get(hedge.id);
  const unknownForLong = hasLongUnknown(context, hedge);
  if (sinceMs === undefined) {
    memory.bornMs.set(hedge.id, clock.elapsedMs());
    return;
  }
  const unsureMs = clock.elapsedMs() - sinceMs;
  if (unsureMs < UNSURE_MS && !unknownForLong) return;
  const [a, b] = hedge.legs;
  if (!unknownForLong && hasOnlyAnOutage(context, hedge)) {
    // What is not known of it is known to the owner: the outage was told with this hedge named.
    memory.toldMs.set(`unsure:${hedge.id}`, clock.elapsedMs());
    return;
  }
  const apart = difference(hedge).eq(ZERO) ? "equal in our books" : "not equal in our books";
  raiseOnce(context, `unsure:${hedge.id}`, {
    severity: "critical",
    reason: "NOT_VERIFIED",
    hedgeId: hedge.id,
    text: `${hedge.asset} ${hedge.id} could not be shown to be neutral for ${Math.round(unsureMs / 1_000)} s: ${a.venue} ${a.heldBase.toFixed()}, ${b.venue} ${b.heldBase.toFixed()} (${apart}). It is tried again every few seconds; look at both venues. /kill closes everything.`,
  });
}

/** Equal in the books but for interest, and as in the books wherever a venue still says what it holds. */
function hasOnlyAnOutage(context: ExecutionContext, hedge: Hedge): boolean {
  const { memory, clock } = context;
  const silent = hedge.legs.filter(({ venue }) => isOutageTold(memory, venue, hedge.id));
  const others = hedge.legs.filter((leg) => !silent.includes(leg));
  const isAsBooked = (leg: HedgeLeg) => {
    const { venue, symbol } = leg;
    const readMs = memory.readMs.get(venue);
    if (readMs === undefined || clock.elapsedMs() - readMs > FRESH_MS) return false;
    const seen = memory.seen.get(`${venue}:${symbol}`)?.position.sizeBase ?? ZERO;
    return legAgrees(context, leg, seen);
  };
  const even = difference(hedge).eq(ZERO) || driftOf(context, hedge) !== null;
  return silent.length > 0 && even && others.every(isAsBooked);
}

/** Measured by our own patience, not by clocks that may step. */
function hasLongUnknown(
  { store, memory, clock }: ExecutionContext,
  { id: hedgeId }: Hedge,
): boolean {
  const now = clock.elapsedMs();
  return store.listAttempts({ hedgeId, states: ["unknown"] }).some(({ clientOrderId }) => {
    const sinceMs = memory.unknownMs.get(clientOrderId) ?? now;
    memory.unknownMs.set(clientOrderId, sinceMs);
    return now - sinceMs >= UNKNOWN_MS;
  });
}

/** Positions that no hedge of ours explains: told of when seen twice alike, never touched. */
async function findStrangers(context: ExecutionContext, reads: Reads): Promise<void> {
  const { memory, clock, log } = context;
  for (const [venue, read] of reads) {
    const positions = await read.catch((error: unknown) => {
      // An outage of hours must not fill the disk.
      if (isNews(context, `log:${venue}`, LOG_AGAIN_MS)) {
        log.warn("positionsUnknown", { venue, error: describeError(error) });
      }
      return null;
    });
    tellOfOutage(context, venue);
    if (positions) {
      noteStrangers(context, venue, positions);
      if (positions.length > 0) await warmUp(context, venue).catch(() => undefined);
    }
  }
  for (const { position, sinceMs, misses } of memory.strangers.values()) {
    // Its venue fell silent before it could be seen a second time.
    const isSilent = misses < GONE_AFTER && clock.elapsedMs() - sinceMs >= STRANGER_MS;
    if (isSilent) tellStranger(context, position);
  }
}

function noteStrangers(
  context: ExecutionContext,
  venue: VenueId,
  positions: readonly Position[],
): void {
  const { memory, clock, store } = context;
  if (positions.length === 0 && memory.strangers.size === 0) return;
  const legs = store.listHedges(LIVE_PHASES).flatMap((hedge) => hedge.legs);
  const ours = new Set(legs.filter((leg) => leg.venue === venue).map((leg) => leg.symbol));
  const strange = positions.filter(
    ({ symbol, sizeBase }) => !ours.has(symbol) && !sizeBase.eq(ZERO),
  );
  const now = clock.elapsedMs();
  for (const [key, known] of memory.strangers) {
    if (known.position.venue !== venue) continue;
    // Reads without it prove nothing for long: answers may be empty by mistake, one after the other.
    const misses = known.misses + 1;
    if (ours.has(known.position.symbol) || misses >= FORGOTTEN_AFTER) memory.strangers.delete(key);
    else memory.strangers.set(key, { ...known, misses });
  }
  for (const position of strange) {
    const key = `${venue}:${position.symbol}`;
    const known = memory.strangers.get(key);
    const alike = known?.position.sizeBase.eq(position.sizeBase) ?? false;
    if (alike) tellStranger(context, position);
    memory.strangers.set(key, { position, sinceMs: known?.sinceMs ?? now, misses: 0 });
  }
}

function tellStranger(context: ExecutionContext, position: Position): void {
  const { venue, symbol, sizeBase } = position;
  if (isSpotSymbol(symbol)) {
    tellOwnCoins(context, position);
    return;
  }
  const key = `stranger:${venue}:${symbol}:${sizeBase.toFixed()}`;
  const alert = {
    severity: "critical",
    reason: "STRANGE_POSITION",
    hedgeId: null,
    text: `${venue} holds ${sizeBase.toFixed()} of ${shownName(symbol)}, which no hedge of these books explains: by hand, or an old backup was restored. Hedgerow leaves it alone and opens nothing on it; /kill closes it.`,
  } as const;
  raiseOnce(context, key, alert, STRANGER_AGAIN_MS);
}

/**
 * Coins that no hedge explains are the owner's own: said as information, again when there are many more, since
 * after an old backup they may be a hedge's; never touched.
 */
function tellOwnCoins(context: ExecutionContext, { venue, symbol, sizeBase }: Position): void {
  const { store, memory } = context;
  // Until the instruments are known nobody can tell coins from what a fee left over.
  if (!memory.instruments.has(venue) || isLeftover(context, { venue, symbol }, sizeBase)) return;
  const key = `ownCoinsTold:${venue}:${symbol}`;
  const told = dec(store.getFact(key) ?? "0");
  const isKnown = told.times(sizeBase).gt(ZERO) && sizeBase.abs().lte(told.abs().times(MANY_MORE));
  if (isKnown) return;
  store.transaction(() => {
    store.setFact(key, sizeBase.toFixed());
    alertOwner(context, {
      severity: "info",
      reason: "STRANGE_POSITION",
      hedgeId: null,
      text: `${venue} holds ${sizeBase.toFixed()} of ${shownName(symbol)} that no hedge explains. Hedgerow takes such coins for your own: it leaves them alone, also at /kill, and opens nothing on them. Give it a sub-account without them to hedge this asset with spot there.`,
    });
  });
}
