import { dec, sum } from "#src/core/decimal.ts";
import { HOUR_MS, intervalToMs } from "#src/core/funding.ts";
import type { VenueId } from "#src/core/instrument.ts";
import { type EpochMs, type Rate, rate } from "#src/core/units.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Venue } from "#src/ports/venue.ts";

export interface TrailingRates {
  /** Mean realised rate per hour over the look-back; null when the history covers less than half of it. */
  meanPerHour(venue: VenueId, symbol: string): Promise<Rate | null>;
}

/** Realised means, kept until the instrument can have settled again. */
export function createTrailingRates(options: {
  readonly venues: ReadonlyMap<VenueId, Venue>;
  readonly clock: Clock;
  readonly lookbackMs: number;
}): TrailingRates {
  const { venues, clock, lookbackMs } = options;
  const cache = new Map<
    string,
    { readonly mean: Promise<Rate | null>; readonly validUntil: EpochMs }
  >();

  async function compute(venue: VenueId, symbol: string, now: EpochMs): Promise<Rate | null> {
    const settled = (await venues.get(venue)?.data.fundingHistory(symbol, now - lookbackMs)) ?? [];
    const coveredMs = settled.reduce((ms, one) => ms + intervalToMs(dec(one.intervalHours)), 0);
    if (coveredMs * 2 < lookbackMs) return null;
    return rate(sum(settled.map((one) => one.rate)).div(String(coveredMs / HOUR_MS)));
  }

  return {
    async meanPerHour(venue, symbol) {
      const now = clock.marketNow();
      const key = `${venue}:${symbol}`;
      const known = cache.get(key);
      if (known && now < known.validUntil) return known.mean;
      const mean = compute(venue, symbol, now);
      // No venue settles more often than once an hour, on the hour.
      cache.set(key, { mean, validUntil: (Math.floor(now / HOUR_MS) + 1) * HOUR_MS });
      // Who asks meanwhile waits for the same answer; a failure is nobody's answer.
      mean.catch(() => cache.delete(key));
      return mean;
    },
  };
}
