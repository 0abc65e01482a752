import { describeError } from "#src/core/errors.ts";
import { type HedgeLeg, LIVE_PHASES } from "#src/core/hedge.ts";
import { isSpotSymbol, type VenueId } from "#src/core/instrument.ts";
import { LIVE_ATTEMPTS, type OrderReport } from "#src/core/order.ts";
import type { ExecutionContext } from "#src/execution/context.ts";
import { askVenue, readPositions, warmUp } from "#src/execution/fate/ask-venue.ts";
import { cancelAllOrders, cancelAttempt } from "#src/execution/fate/cancel-attempt.ts";
import { resolveStale } from "#src/execution/fate/resolve-attempt.ts";
import { looksLikeOurs } from "#src/execution/legs/place-leg.ts";
import { explainedPart, isHedged, isLeftover } from "#src/execution/legs/spot-balance.ts";
import { adoptFills } from "#src/execution/reconcile.ts";
import type { Venue } from "#src/ports/venue.ts";
import { tellNotFlat } from "./end-kill.ts";
import { flattenPosition, isKnownTooSmall } from "./flatten-position.ts";
import type { KillRun } from "./kill-result.ts";

/** One run ends after this; while /kill is wanted, the watch starts the next. */
const RUN_MS = 60_000;
/** Who sent it hears of a venue that resists before the run is over. */
const TELL_MS = 20_000;
const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [100, 1_000];
/** A position read this long ago may be closed before it is read anew. */
const FRESH_MS = 15_000;

/** True once two reads in a row showed nothing on this venue. */
export async function flattenVenue(
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
  const fresh = [...memory.seen.values()]
    .filter(
      ({ position, readMs }) =>
        position.venue === venueId && clock.elapsedMs() - readMs <= FRESH_MS,
    )
    .map(({ position }) => explainedPart(context, position))
    .filter((position) => !isLeftover(context, position, position.sizeBase));
  await Promise.all([
    ...fresh.map((position) => flattenPosition(context, position, run)),
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
  const [positions, listed] = await Promise.all([
    readPositions(context, venue.id),
    // Positions are closed also while orders cannot be listed; flat it is not called then.
    askVenue(context, venue.account.openOrders()).catch(() => null),
    warmUp(context, venue.id).catch(() => undefined),
  ]);
  const orders = listed?.filter((order) => isOurBusiness(context, venue.id, order)) ?? null;
  const held = positions
    .map((position) => explainedPart(context, position))
    .filter((position) => !isLeftover(context, position, position.sizeBase));
  await Promise.all([
    ...[...new Set((orders ?? []).map((order) => order.symbol))].map((symbol) =>
      cancelAllOrders(context, { venue: venue.id, symbol }),
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

/** Every order on a perp; on spot those of ours, and what rests where a hedge stands. */
function isOurBusiness(
  context: ExecutionContext,
  venue: VenueId,
  { symbol, clientOrderId }: OrderReport,
): boolean {
  return (
    !isSpotSymbol(symbol) || looksLikeOurs(clientOrderId) || isHedged(context, { venue, symbol })
  );
}

/** The venue is flat; what our books still hold there is booked from its fills. */
async function booksAreFlat(
  context: ExecutionContext,
  venueId: VenueId,
  { tooSmall }: KillRun,
): Promise<boolean> {
  const holds = (leg: HedgeLeg) =>
    leg.venue === venueId &&
    !isLeftover(context, leg, leg.heldBase) &&
    !tooSmall.has(`${leg.venue}:${leg.symbol}`);
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
