import { type Decimal, ONE, ZERO } from "#src/core/decimal.ts";
import { qualifyShortSpot } from "#src/core/figures/borrow.ts";
import { type Asset, sameAssetCheck } from "#src/core/instrument.ts";
import { filterLeg, type MarketFilters, type Refusal } from "./filter-leg.ts";
import type { LegPair, RankLeg } from "./pair-legs.ts";
import type { EntryParameters } from "./score-opportunity.ts";

/** What decides whether a pair may be entered, and what orders those that may. */
export interface EntryRules {
  readonly entry: EntryParameters;
  readonly filters: MarketFilters;
  /** Empty: every asset. */
  readonly assets: readonly Asset[];
  /** Beyond this the two books do not price the same thing. */
  readonly maxPriceGap: Decimal;
  /** Of spot with a perp: the least that the perp must pay per 8 h, either way. */
  readonly minFundingAbs8h: Decimal;
  /** Funding must pay so many times what selling spot short costs. */
  readonly borrowSafety: Decimal;
  readonly scoreWeights: readonly [Decimal, Decimal, Decimal, Decimal];
}

/** What the pair's markets have against it, before its carry is looked at. */
export function refusePair({ short, long }: LegPair, rules: EntryRules): Refusal | null {
  if (rules.assets.length > 0 && !rules.assets.includes(short.instrument.asset)) {
    return { reason: "ASSET_NOT_WANTED", figures: null };
  }
  const ofLegs = filterLeg(short, rules.filters) ?? filterLeg(long, rules.filters);
  if (ofLegs) return ofLegs;
  if (!short.midPrice || !long.midPrice) return { reason: "PRICE_MISMATCH", figures: null };
  const { same } = sameAssetCheck(short.midPrice, long.midPrice, rules.maxPriceGap);
  if (!same) {
    const have = short.midPrice.div(long.midPrice).minus(ONE).abs();
    const figures = { have, need: rules.maxPriceGap, unit: "rate", venue: null } as const;
    return { reason: "PRICE_MISMATCH", figures };
  }
  return spotRefusal(short, long, rules);
}

/** Of spot and perp on one venue: enough funding, and when spot is borrowed, enough to pay for that. */
function spotRefusal(short: RankLeg, long: RankLeg, rules: EntryRules): Refusal | null {
  const [spot, perp] = short.instrument.kind === "spot" ? [short, long] : [long, short];
  if (spot.instrument.kind !== "spot") return null;
  const { venue } = perp.instrument;
  const { rate: fundingRate, intervalHours } = perp.funding;
  const funding8h = fundingRate.div(intervalHours).times("8").abs();
  if (funding8h.lt(rules.minFundingAbs8h)) {
    const figures = {
      have: funding8h,
      need: rules.minFundingAbs8h,
      unit: "rate8h",
      venue,
    } as const;
    return { reason: "FUNDING_BELOW_FLOOR", figures };
  }
  if (spot === long) return null;
  const borrow = spot.borrowPerHour ?? null;
  const need = (borrow ?? ZERO).times(rules.borrowSafety).times("8");
  const qualified =
    borrow &&
    qualifyShortSpot({
      ...{ fundingRate, intervalHours, borrowPerHour: borrow },
      safety: rules.borrowSafety,
    });
  if (qualified?.qualifies) return null;
  const have = qualified ? qualified.fundingPerHour.times("8") : null;
  return { reason: "BORROW_ABOVE_FUNDING", figures: { have, need, unit: "rate8h", venue } };
}
