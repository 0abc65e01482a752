import type { Decimal } from "#src/core/decimal.ts";
import type { Opportunity } from "#src/core/opportunity.ts";
import { isoTime } from "#src/core/time.ts";
import type { EpochMs } from "#src/core/units.ts";
import { writeFigures } from "#src/core/words/figures-words.ts";
import type { OpportunitiesView, OpportunityView } from "./views.ts";

export function opportunitiesView(input: {
  readonly ranked: readonly Opportunity[];
  readonly dropped: readonly { readonly asset: string; readonly reason: string }[];
  readonly cashYield: Decimal;
  readonly marketNow: EpochMs;
}): OpportunitiesView {
  return {
    asOf: isoTime(input.marketNow),
    opportunities: input.ranked.map(describe),
    cashYield: input.cashYield.toFixed(),
    nothingWorthDoing: !input.ranked.some((one) => one.worthwhile),
    dropped: input.dropped,
  };
}

function describe(one: Opportunity): OpportunityView {
  const fading = one.fading();
  return {
    candidateId: one.id,
    asset: one.asset,
    shortVenue: one.short.instrument.venue,
    longVenue: one.long.instrument.venue,
    shortMarket: one.short.instrument.kind,
    longMarket: one.long.instrument.kind,
    spread8h: one.spread8h.toFixed(10),
    trailingSpread8h: one.trailingSpread8h?.toFixed(10) ?? null,
    costRate: one.costRate.toFixed(8),
    aprOnNotional: one.aprOnNotional.toFixed(6),
    netAprOnCapital: one.netAprOnCapital?.toFixed(6) ?? null,
    breakEvenHours: one.breakEvenHours?.toFixed(1) ?? null,
    netUsdPerDay: one.netUsdPerDay?.toFixed(4) ?? null,
    payingSpread8h: fading?.payingSpread8h.toFixed(10) ?? null,
    expectedCarryRate: fading?.expectedCarryRate.toFixed(8) ?? null,
    worthwhile: one.worthwhile,
    reason: one.reason,
    figures: writeFigures(one.figures),
  };
}
