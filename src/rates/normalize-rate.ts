import { type Decimal, dec, decFromInteger } from "#src/core/decimal.ts";
import { type FundingRate, nextSettlement } from "#src/core/funding.ts";
import type { Instrument } from "#src/core/instrument.ts";
import { parseIntervalHours } from "#src/core/interval.ts";
import type { EpochMs } from "#src/core/units.ts";
import { hasPlainName } from "#src/core/words/plain-name.ts";
import type { RawFundingRate } from "#src/ports/venue.ts";

export type RateRefusal =
  | "INTERVAL_UNKNOWN"
  | "RATE_IMPLAUSIBLE"
  | "INSTRUMENT_UNKNOWN"
  | "NAME_NOT_PLAIN";

/** No venue's cap is above 4 % an interval: more is a data error, not an opportunity. */
const MAX_RATE = dec("0.04");

/** Turns a venue's sample into one with a known interval, or says why it is refused. */
export function normalizeRawRate(
  raw: RawFundingRate,
  instrument: Instrument | undefined,
  marketNow: EpochMs,
): FundingRate | RateRefusal {
  if (!instrument) return "INSTRUMENT_UNKNOWN";
  // The one door from a venue's list to everything that is proposed, drawn or told to a model.
  if (!hasPlainName(instrument)) return "NAME_NOT_PLAIN";
  const intervalHours = parseIntervalHours(raw.intervalText, raw.intervalHint);
  if (intervalHours === null) return "INTERVAL_UNKNOWN";
  if (raw.rate.abs().gt(MAX_RATE)) return "RATE_IMPLAUSIBLE";
  return {
    venue: instrument.venue,
    symbol: raw.symbol,
    asset: instrument.asset,
    rate: raw.rate,
    intervalHours,
    fundingAt: raw.fundingAt ?? nextSettlement(marketNow, intervalHours),
    ...(raw.capRate ? { capRate: raw.capRate } : {}),
    observedAt: raw.observedAt,
  };
}

/** Median spacing of realised stamps, to five minutes; null with fewer than two stamps. */
export function inferIntervalFromHistory(timestampsMs: readonly number[]): Decimal | null {
  const sorted = [...timestampsMs].sort((a, b) => a - b);
  const gaps = sorted.slice(1).map((at, index) => at - (sorted[index] ?? at));
  gaps.sort((a, b) => a - b);
  const middle = gaps[Math.floor((gaps.length - 1) / 2)];
  if (middle === undefined) return null;
  const fiveMinutes = Math.round(middle / 300_000);
  return fiveMinutes > 0 ? decFromInteger(fiveMinutes).div("12") : null;
}
