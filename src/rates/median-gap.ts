import { type Decimal, ONE } from "#src/core/decimal.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import type { Instrument, VenueId } from "#src/core/instrument.ts";
import type { EpochMs, Price } from "#src/core/units.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Venue } from "#src/ports/venue.ts";

/** The hours that say what a gap usually is. */
export const WEEK_HOURS = 168;
/** Less than half of the hours says too little. */
const LEAST_HOURS = WEEK_HOURS / 2;
/** What a venue has not told by then is unknown. */
const PATIENCE_MS = 5_000;

type Place = Pick<Instrument, "venue" | "symbol">;

export interface MedianGaps {
  /** Median of short's price over long's, less one, at the last week's hours; null when unknown. Never throws. */
  of(short: Place, long: Place): Promise<Decimal | null>;
}

/** The gap that a pair of markets usually has: an entry is cheap or dear beside it (domain 2.3). */
export function createMedianGaps(parts: {
  readonly venues: ReadonlyMap<VenueId, Pick<Venue, "data">>;
  readonly clock: Clock;
}): MedianGaps {
  const { venues, clock } = parts;
  const kept = new Map<
    string,
    { readonly closes: Promise<readonly Price[]>; readonly validUntil: EpochMs }
  >();

  async function read({ venue, symbol }: Place): Promise<readonly Price[]> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const cancel = clock.later(PATIENCE_MS, () => reject(new Error(`${venue} is too slow`)));
    const asked = venues.get(venue)?.data.hourlyCloses(symbol, WEEK_HOURS);
    return Promise.race([late, Promise.resolve(asked ?? [])]).finally(cancel);
  }

  function closesOf(place: Place): Promise<readonly Price[]> {
    const now = clock.marketNow();
    const key = `${place.venue}:${place.symbol}`;
    const known = kept.get(key);
    if (known && now < known.validUntil) return known.closes;
    for (const [old, { validUntil }] of kept) if (validUntil <= now) kept.delete(old);
    const closes = read(place);
    const entry = { closes, validUntil: (Math.floor(now / HOUR_MS) + 1) * HOUR_MS };
    kept.set(key, entry);
    closes.catch(() => {
      if (kept.get(key) === entry) kept.delete(key);
    });
    return closes;
  }

  return {
    async of(short, long) {
      const both = await Promise.all([closesOf(short), closesOf(long)]).catch(() => null);
      return both && medianGap(...both);
    },
  };
}

/** Of short's price over long's, less one; both lists end with the same hour. Null: they say too little. */
export function medianGap(short: readonly Price[], long: readonly Price[]): Decimal | null {
  const count = Math.min(short.length, long.length);
  if (count < LEAST_HOURS) return null;
  const tail = long.slice(-count);
  const gaps = short.slice(-count).flatMap((close, index) => {
    const other = tail[index];
    return other ? [close.div(other).minus(ONE)] : [];
  });
  gaps.sort((a, b) => a.cmp(b));
  return gaps[Math.floor((gaps.length - 1) / 2)] ?? null;
}
