import { dec } from "#src/core/decimal.ts";
import { annualise, type FundingRate, normalizeRate } from "#src/core/funding.ts";
import { isoTime } from "#src/core/time.ts";
import type { EpochMs } from "#src/core/units.ts";
import type { RatesView, RateView } from "./views.ts";

/** Rates by asset, the highest payer first, each with its own interval and its 8-hour equal. */
export function ratesView(input: {
  readonly rates: readonly FundingRate[];
  readonly refused: readonly {
    readonly venue: string;
    readonly symbol: string;
    readonly reason: string;
  }[];
  readonly marketNow: EpochMs;
  readonly wallNow: EpochMs;
}): RatesView {
  const byAsset = new Map<string, FundingRate[]>();
  for (const rate of input.rates) {
    const list = byAsset.get(rate.asset) ?? [];
    list.push(rate);
    byAsset.set(rate.asset, list);
  }
  return {
    asOf: isoTime(input.marketNow),
    assets: [...byAsset].map(([asset, rates]) => ({
      asset,
      venues: [...rates]
        .sort((a, b) => perHour(b).cmp(perHour(a)))
        .map((rate) => describe(rate, input.marketNow, input.wallNow)),
    })),
    refused: input.refused.map(({ venue, symbol, reason }) => ({
      venue,
      instrument: symbol,
      reason,
    })),
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
