import { dec } from "#src/core/decimal.ts";
import { annualise, type FundingRate, normalizeRate } from "#src/core/funding.ts";
import type { ListedRate } from "#src/core/opportunity.ts";
import { isoTime } from "#src/core/time.ts";
import type { EpochMs } from "#src/core/units.ts";
import type { RatesView, RateView, SpotView } from "./views.ts";

/** Rates by asset, the highest payer first, each with its own interval and its 8-hour equal. */
export function ratesView(input: {
  readonly listed: readonly ListedRate[];
  readonly refused: readonly {
    readonly venue: string;
    readonly symbol: string;
    readonly reason: string;
  }[];
  readonly marketNow: EpochMs;
  readonly wallNow: EpochMs;
}): RatesView {
  const byAsset = Map.groupBy(input.listed, ({ instrument }) => instrument.asset);
  return {
    asOf: isoTime(input.marketNow),
    assets: [...byAsset].map(([asset, listed]) => ({
      asset,
      venues: listed
        .filter(({ instrument }) => instrument.kind === "perp")
        .map(({ funding }) => funding)
        .sort((a, b) => perHour(b).cmp(perHour(a)))
        .map((rate) => describe(rate, input.marketNow, input.wallNow)),
      spot: listed.filter(({ instrument }) => instrument.kind === "spot").map(describeSpot),
    })),
    refused: input.refused.map(({ venue, symbol, reason }) => ({
      venue,
      instrument: symbol,
      reason,
    })),
  };
}

function describeSpot({ instrument, borrowPerHour }: ListedRate): SpotView {
  return {
    venue: instrument.venue,
    instrument: instrument.symbol,
    borrow8h: borrowPerHour?.times("8").toFixed() ?? null,
    borrowApr: borrowPerHour?.times("8760").toFixed(6) ?? null,
  };
}

function describe(rate: FundingRate, marketNow: EpochMs, wallNow: EpochMs): RateView {
  return {
    venue: rate.venue,
    instrument: rate.symbol,
    rate: rate.rate.toFixed(),
    intervalHours: rate.intervalHours.toFixed(),
    rate8h: normalizeRate(rate.rate, rate.intervalHours, dec("8")).toFixed(),
    apr: annualise(rate.rate, rate.intervalHours).apr.toFixed(6),
    nextFundingAt: isoTime(rate.fundingAt),
    minutesToFunding: Math.max(0, Math.round((rate.fundingAt - marketNow) / 60_000)),
    ageSeconds: Math.max(0, Math.round((wallNow - rate.observedAt) / 1000)),
  };
}

function perHour(rate: FundingRate) {
  return rate.rate.div(rate.intervalHours);
}
