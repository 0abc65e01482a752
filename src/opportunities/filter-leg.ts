import { type Decimal, ZERO } from "#src/core/decimal.ts";
import type { VenueId } from "#src/core/instrument.ts";
import type { OpportunityReason, ReasonFigures } from "#src/core/opportunity.ts";
import type { RankLeg } from "./pair-legs.ts";

/** What a market must show before a leg may stand in it (domain 3.2); 0 asks for nothing. */
export interface MarketFilters {
  readonly minVolume24hUsd: Decimal;
  readonly minOpenInterestUsd: Decimal;
  readonly smallVenues: readonly VenueId[];
  readonly smallMinVolume24hUsd: Decimal;
  readonly smallMinOpenInterestUsd: Decimal;
  /** Of the mid. */
  readonly maxBidAsk: Decimal;
}

/** Why not, with what there is and what there must be; `have` is null where the venue does not say. */
export interface Refusal {
  readonly reason: OpportunityReason;
  readonly figures: ReasonFigures | null;
}

/** Null when the leg's market is good enough. What is not known is refused like what is too little. */
export function filterLeg(leg: RankLeg, filters: MarketFilters): Refusal | null {
  const { instrument, market } = leg;
  const { venue } = instrument;
  if (instrument.endsAt !== undefined) return { reason: "DELISTING", figures: null };
  // The same figure is worth eight times as much an hour when it is paid each hour.
  if (market?.settlesEveryHours?.eq(leg.funding.intervalHours) === false) {
    return { reason: "INTERVAL_UNSURE", figures: null };
  }
  if (!leg.slippageRate || !leg.midPrice) return { reason: "DEPTH_TOO_THIN", figures: null };
  const [minVolume, minInterest] = floorsOf(venue, filters);
  const { volume24hUsd = null, openInterestUsd = null, bidAsk = null } = market ?? {};
  if (minVolume.gt(ZERO) && !volume24hUsd?.gte(minVolume)) {
    const reason = volume24hUsd ? "VOLUME_TOO_LOW" : "VOLUME_UNKNOWN";
    return { reason, figures: { have: volume24hUsd, need: minVolume, unit: "usd", venue } };
  }
  // Spot has no open interest.
  const needsInterest = instrument.kind === "perp" && minInterest.gt(ZERO);
  if (needsInterest && !openInterestUsd?.gte(minInterest)) {
    const reason = openInterestUsd ? "OPEN_INTEREST_TOO_LOW" : "OPEN_INTEREST_UNKNOWN";
    return { reason, figures: { have: openInterestUsd, need: minInterest, unit: "usd", venue } };
  }
  if (bidAsk?.lte(filters.maxBidAsk)) return null;
  const figures = { have: bidAsk, need: filters.maxBidAsk, unit: "rate", venue } as const;
  return { reason: "BID_ASK_TOO_WIDE", figures };
}

function floorsOf(venue: VenueId, filters: MarketFilters): readonly [Decimal, Decimal] {
  return filters.smallVenues.includes(venue)
    ? [filters.smallMinVolume24hUsd, filters.smallMinOpenInterestUsd]
    : [filters.minVolume24hUsd, filters.minOpenInterestUsd];
}
