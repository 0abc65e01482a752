import { RetryableError } from "#src/core/errors.ts";
import type { Instrument, VenueId } from "#src/core/instrument.ts";
import type { Position } from "#src/core/order.ts";
import { type SignedBase, signedBase } from "#src/core/units.ts";
import { type ExecutionContext, requireVenue } from "#src/execution/context.ts";
import type { EngineMemory } from "#src/execution/engine-memory.ts";

const DEADLINE_MS = 5_000;
/** Lots, ticks and limits may change: they are read anew this often. */
const INSTRUMENTS_LIFE_MS = 600_000;

/** A question with our own deadline: an answer that never comes is a failure, not a wait. */
export function askVenue<T>(
  { clock }: ExecutionContext,
  question: Promise<T>,
  deadlineMs: number = DEADLINE_MS,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new RetryableError("the venue did not answer in time"));
    const inTime = clock.later(deadlineMs, late);
    void question.then(resolve, reject).then(inTime);
  });
}

/** All positions of a venue, now; also remembered as last seen. */
export async function readPositions(
  context: ExecutionContext,
  venueId: VenueId,
): Promise<readonly Position[]> {
  const { memory, clock } = context;
  const venue = requireVenue(context, venueId);
  // As old as the question: the process may have slept while the answer was on its way.
  const readMs = clock.elapsedMs();
  const positions = await askVenue(context, venue.account.positions());
  memory.readMs.set(venueId, readMs);
  const ofVenue = `${venueId}:`;
  for (const key of memory.seen.keys()) if (key.startsWith(ofVenue)) memory.seen.delete(key);
  for (const position of positions) {
    memory.seen.set(`${ofVenue}${position.symbol}`, { position, readMs });
  }
  return positions;
}

export function sizeIn(positions: readonly Position[], symbol: string): SignedBase {
  return positions.find((position) => position.symbol === symbol)?.sizeBase ?? signedBase("0");
}

/**
 * How far the venue's clock is ahead of ours, in ms: a fence is in the venue's time. Asked once, and again
 * when the venue says that an order came too late.
 */
export async function clockGap(context: ExecutionContext, venueId: VenueId): Promise<number> {
  const { memory, clock } = context;
  const known = memory.aheadMs.get(venueId);
  if (known !== undefined) return known;
  const askedMs = clock.elapsedMs();
  const venueTime = await askVenue(context, requireVenue(context, venueId).data.time());
  const answeredAfterMs = clock.elapsedMs() - askedMs;
  const aheadMs = Math.round(venueTime + answeredAfterMs / 2 - clock.wallNow());
  memory.aheadMs.set(venueId, aheadMs);
  return aheadMs;
}

/** What a closing order needs beside the position, known before it is wanted; asked only when it is not. */
export async function warmUp(context: ExecutionContext, venueId: VenueId): Promise<void> {
  await Promise.all([clockGap(context, venueId), instrumentsOf(context, venueId)]);
}

export async function instrumentOf(
  context: ExecutionContext,
  venueId: VenueId,
  symbol: string,
): Promise<Instrument> {
  const list = await instrumentsOf(context, venueId);
  const found = list.find((one) => one.symbol === symbol);
  if (!found) throw new Error(`${venueId} has no instrument ${symbol}`);
  return found;
}

async function instrumentsOf(
  context: ExecutionContext,
  venueId: VenueId,
): Promise<readonly Instrument[]> {
  const { memory, clock } = context;
  const known = memory.instruments.get(venueId);
  if (known && clock.elapsedMs() - known.readMs <= INSTRUMENTS_LIFE_MS) return known.list;
  try {
    const list = await askVenue(context, requireVenue(context, venueId).data.instruments());
    memory.instruments.set(venueId, { list, readMs: clock.elapsedMs() });
    return list;
  } catch (error) {
    // An old list is better than none: a position must be closable while public data is down.
    if (known) return known.list;
    throw error;
  }
}

/** What a venue refused may be because its grid, its limits or our clock changed: read them anew. */
export function outdate({ instruments, aheadMs }: EngineMemory, venueId: VenueId): void {
  const known = instruments.get(venueId);
  if (known) instruments.set(venueId, { ...known, readMs: Number.NEGATIVE_INFINITY });
  aheadMs.delete(venueId);
}
