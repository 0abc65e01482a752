import { dec, sum } from "#src/core/decimal.ts";
import { HOUR_MS, intervalToMs } from "#src/core/funding.ts";
import type { VenueId } from "#src/core/instrument.ts";
import { type EpochMs, type Rate, rate } from "#src/core/units.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { SettledRate, Venue } from "#src/ports/venue.ts";

export interface TrailingRates {
  /** Mean realised rate per hour over the look-back; null when the history covers less than half of it. */
  meanPerHour(venue: VenueId, symbol: string): Promise<Rate | null>;
  /** The realised rates that the mean is of, oldest first. */
  settled(venue: VenueId, symbol: string): Promise<readonly SettledRate[]>;
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
    {
      readonly settled: Promise<readonly SettledRate[]>;
      readonly mean: Promise<Rate | null>;
      readonly validUntil: EpochMs;
    }
  >();

  async function read(venue: VenueId, symbol: string, now: EpochMs) {
    return (await venues.get(venue)?.data.fundingHistory(symbol, now - lookbackMs)) ?? [];
  }

  function meanOf(settled: readonly SettledRate[]): Rate | null {
    const coveredMs = settled.reduce((ms, one) => ms + intervalToMs(dec(one.intervalHours)), 0);
    if (coveredMs * 2 < lookbackMs) return null;
    return rate(sum(settled.map((one) => one.rate)).div(String(coveredMs / HOUR_MS)));
  }

  function recall(venue: VenueId, symbol: string) {
    const now = clock.marketNow();
    const key = `${venue}:${symbol}`;
    const known = cache.get(key);
    if (known && now < known.validUntil) return known;
    // What is looked at changes; the histories of the rest would only fill the memory.
    for (const [old, { validUntil }] of cache) if (validUntil <= now) cache.delete(old);
    const settled = read(venue, symbol, now);
    const mean = settled.then(meanOf);
    // No venue settles more often than once an hour, on the hour.
    const reading = { settled, mean, validUntil: (Math.floor(now / HOUR_MS) + 1) * HOUR_MS };
    cache.set(key, reading);
    // Who asks meanwhile waits for the same answer; a failure is nobody's answer.
    mean.catch(() => {
      if (cache.get(key) === reading) cache.delete(key);
    });
    return reading;
  }

  return {
    meanPerHour: async (venue, symbol) => recall(venue, symbol).mean,
    settled: async (venue, symbol) => recall(venue, symbol).settled,
  };
}
