import { dec, sum } from "#src/core/decimal.ts";
import { HOUR_MS, intervalToMs } from "#src/core/funding.ts";
import { isSpotSymbol, type VenueId } from "#src/core/instrument.ts";
import { type EpochMs, type Rate, rate } from "#src/core/units.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { SettledRate, Venue } from "#src/ports/venue.ts";
import { roughlyByHour } from "./compare-histories.ts";

export interface TrailingRates {
  /** Mean realised rate per hour over the look-back; null when the history covers less than half of it. */
  meanPerHour(venue: VenueId, symbol: string): Promise<Rate | null>;
  /** The realised rates that the mean is of, oldest first. */
  settled(venue: VenueId, symbol: string): Promise<readonly SettledRate[]>;
  /** What each hour of them paid, by the number of the hour; to look at, never to reckon with. */
  hourly(venue: VenueId, symbol: string): Promise<ReadonlyMap<number, number>>;
}

interface History {
  readonly settled: readonly SettledRate[];
  readonly meanPerHour: Rate | null;
  readonly hourly: ReadonlyMap<number, number>;
}

/** Realised rates and their means, kept until the instrument can have settled again. */
export function createTrailingRates(options: {
  readonly venues: ReadonlyMap<VenueId, Venue>;
  readonly clock: Clock;
  readonly lookbackMs: number;
}): TrailingRates {
  const { venues, clock, lookbackMs } = options;
  const cache = new Map<
    string,
    { readonly history: Promise<History>; readonly validUntil: EpochMs }
  >();

  async function read(venue: VenueId, symbol: string, now: EpochMs) {
    if (isSpotSymbol(symbol)) return spotHours(symbol, now, lookbackMs);
    return (await venues.get(venue)?.data.fundingHistory(symbol, now - lookbackMs)) ?? [];
  }

  function meanOf(settled: readonly SettledRate[]): Rate | null {
    const count = Map.groupBy(settled, (one) => one.intervalHours);
    const coveredMs = [...count].reduce(
      (ms, [hours, of]) => ms + of.length * intervalToMs(dec(hours)),
      0,
    );
    if (coveredMs * 2 < lookbackMs) return null;
    return rate(sum(settled.map((one) => one.rate)).div(String(coveredMs / HOUR_MS)));
  }

  function recall(venue: VenueId, symbol: string): Promise<History> {
    const now = clock.marketNow();
    const key = `${venue}:${symbol}`;
    const known = cache.get(key);
    if (known && now < known.validUntil) return known.history;
    // What is looked at changes; the histories of the rest would only fill the memory.
    for (const [old, { validUntil }] of cache) if (validUntil <= now) cache.delete(old);
    const history = read(venue, symbol, now).then((settled) => ({
      ...{ settled, meanPerHour: meanOf(settled), hourly: roughlyByHour(settled) },
    }));
    // No venue settles more often than once an hour, on the hour.
    cache.set(key, { history, validUntil: (Math.floor(now / HOUR_MS) + 1) * HOUR_MS });
    // Who asks meanwhile waits for the same answer; a failure is nobody's answer.
    history.catch(() => {
      if (cache.get(key)?.history === history) cache.delete(key);
    });
    return history;
  }

  return {
    meanPerHour: async (venue, symbol) => (await recall(venue, symbol)).meanPerHour,
    settled: async (venue, symbol) => (await recall(venue, symbol)).settled,
    hourly: async (venue, symbol) => (await recall(venue, symbol)).hourly,
  };
}

/** Spot never paid any funding, and nobody needs to be asked. */
function spotHours(symbol: string, now: EpochMs, lookbackMs: number): readonly SettledRate[] {
  const hours = Math.floor(lookbackMs / HOUR_MS);
  const last = Math.floor(now / HOUR_MS);
  return Array.from({ length: hours }, (_, index) => ({
    ...{ symbol, rate: rate("0"), intervalHours: "1" },
    fundingAt: (last - hours + 1 + index) * HOUR_MS,
  }));
}
