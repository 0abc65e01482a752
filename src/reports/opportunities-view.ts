import type { Opportunity } from "#src/core/opportunity.ts";
import { isoTime } from "#src/core/time.ts";
import type { EpochMs } from "#src/core/units.ts";
import type { OpportunitiesView, OpportunityView } from "./views.ts";

export function opportunitiesView(input: {
  readonly ranked: readonly Opportunity[];
  readonly dropped: readonly { readonly asset: string; readonly reason: string }[];
  readonly marketNow: EpochMs;
}): OpportunitiesView {
  return {
    asOf: isoTime(input.marketNow),
    opportunities: input.ranked.map(describe),
    dropped: input.dropped,
  };
}

function describe(one: Opportunity): OpportunityView {
  return {
    candidateId: one.id,
    asset: one.asset,
    shortVenue: one.short.instrument.venue,
    longVenue: one.long.instrument.venue,
    spread8h: one.spread8h.toFixed(10),
    trailingSpread8h: one.trailingSpread8h?.toFixed(10) ?? null,
    costRate: one.costRate.toFixed(8),
    aprOnNotional: one.aprOnNotional.toFixed(6),
    netAprOnCapital: one.netAprOnCapital?.toFixed(6) ?? null,
    breakEvenHours: one.breakEvenHours?.toFixed(1) ?? null,
    worthwhile: one.worthwhile,
    reason: one.reason,
  };
}
