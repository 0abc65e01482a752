import { type Decimal, dec, ONE } from "#src/core/decimal.ts";
import { sameAssetCheck, type VenueId } from "#src/core/instrument.ts";
import type { Opportunity, OpportunityLeg, OpportunityReason } from "#src/core/opportunity.ts";
import { rate } from "#src/core/units.ts";
import { currentPerHour, type LegPair, pairLegs, type RankLeg } from "./pair-legs.ts";
import { type EntryParameters, scoreOpportunity } from "./score-opportunity.ts";

/** Beyond this the two books do not price the same thing. */
const MAX_PRICE_GAP = dec("0.02");

/** The best pair of every asset, best first, with the reason of each that is not worth it. */
export function rankOpportunities(input: {
  readonly legs: readonly RankLeg[];
  readonly parameters: EntryParameters;
  readonly idFor: (asset: string, short: VenueId, long: VenueId) => string;
}): {
  readonly ranked: readonly Opportunity[];
  readonly dropped: readonly { readonly asset: string; readonly reason: string }[];
} {
  const { legs, parameters, idFor } = input;
  const costOf = legCosts(parameters);
  const ranked: Opportunity[] = [];
  const dropped: { asset: string; reason: string }[] = [];
  for (const [asset, pair] of pairUsable(legs, parameters, costOf)) {
    if (!pair) {
      dropped.push({ asset, reason: "NO_SECOND_VENUE" });
      continue;
    }
    const { short, long } = pair;
    const id = idFor(asset, short.instrument.venue, long.instrument.venue);
    ranked.push(describe(id, asset, pair, parameters, costOf));
  }
  ranked.sort(byNetDollars);
  return { ranked, dropped };
}

/** A leg whose book cannot take the trade makes no pair while others of its asset can. */
function pairUsable(
  legs: readonly RankLeg[],
  { horizonHours }: EntryParameters,
  costOf: (leg: RankLeg) => Decimal,
): ReadonlyMap<string, LegPair | null> {
  const pairs = new Map<string, LegPair | null>(pairLegs(legs, horizonHours, costOf));
  const usable = legs.filter((leg) => isUsable(leg));
  if (usable.length === legs.length) return pairs;
  const second = usable.filter(({ instrument: { asset } }) => {
    const pair = pairs.get(asset);
    return pair && !(isUsable(pair.short) && isUsable(pair.long));
  });
  for (const [asset, pair] of pairLegs(second, horizonHours, costOf)) {
    if (pair) pairs.set(asset, pair);
  }
  return pairs;
}

function isUsable({ slippageRate, midPrice }: RankLeg): boolean {
  return slippageRate !== null && midPrice !== null;
}

function describe(
  id: string,
  asset: string,
  { short, long }: LegPair,
  parameters: EntryParameters,
  costOf: (leg: RankLeg) => Decimal,
): Opportunity {
  const costRate = rate(costOf(short).plus(costOf(long)));
  const trailing =
    short.trailingPerHour && long.trailingPerHour
      ? short.trailingPerHour.minus(long.trailingPerHour)
      : null;
  const score = scoreOpportunity(
    {
      currentPerHour: currentPerHour(short).minus(currentPerHour(long)),
      trailingPerHour: trailing,
      costRate,
    },
    parameters,
  );
  const reason = unusable(short, long) ?? score.reason;
  return {
    id,
    asset,
    short: legOf(short),
    long: legOf(long),
    spread8h: score.spread8h,
    trailingSpread8h: score.trailingSpread8h,
    costRate,
    aprOnNotional: score.aprOnNotional,
    netAprOnCapital: score.netAprOnCapital,
    netUsdPerDayPer1000: score.netUsdPerDayPer1000,
    breakEvenHours: score.breakEven?.hours ?? null,
    worthwhile: reason === null,
    reason,
  };
}

/** Both of a leg's fills: fees twice, slippage in, and more of it out. */
function legCosts({ exitSlipMultiple }: EntryParameters): (leg: RankLeg) => Decimal {
  const slips = exitSlipMultiple.plus(ONE);
  return ({ instrument: { takerFeeRate }, slippageRate }) => {
    const fees = takerFeeRate.plus(takerFeeRate);
    return slippageRate ? fees.plus(slippageRate.times(slips)) : fees;
  };
}

function unusable(short: RankLeg, long: RankLeg): OpportunityReason | null {
  if (!short.slippageRate || !long.slippageRate) return "DEPTH_TOO_THIN";
  if (!short.midPrice || !long.midPrice) return "PRICE_MISMATCH";
  const { same } = sameAssetCheck(short.midPrice, long.midPrice, MAX_PRICE_GAP);
  return same ? null : "PRICE_MISMATCH";
}

function legOf({ instrument, funding, trailingPerHour }: RankLeg): OpportunityLeg {
  return { instrument, funding, trailingPerHour };
}

/** Most expected dollars a day first; what is unknown comes last. */
function byNetDollars(a: Opportunity, b: Opportunity): number {
  if (a.worthwhile !== b.worthwhile) return a.worthwhile ? -1 : 1;
  const [x, y] = [a.netUsdPerDayPer1000, b.netUsdPerDayPer1000];
  if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1;
  return y.cmp(x);
}
