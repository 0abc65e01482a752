import type { RawFundingRate } from "#src/ports/venue.ts";
import { readFunding } from "./read-funding.ts";

/**
 * One instrument's sample for the port. With an interval that nobody knows it has none, and is refused where
 * rates are collected, so that the gap is seen; null when there is no rate at all.
 */
export function rawFundingRate(
  venue: string,
  symbol: string,
  payload: unknown,
): Omit<RawFundingRate, "observedAt"> | null {
  const reading = readFunding(venue, payload);
  if (!reading.rate) return null;
  const known = "refused" in reading ? null : reading;
  return {
    symbol,
    rate: reading.rate,
    intervalText: known ? `${known.intervalHours.toFixed()}h` : null,
    intervalHint: null,
    fundingAt: known?.fundingAt ?? null,
  };
}
