import { type Decimal, ONE, ZERO } from "#src/core/decimal.ts";
import type { Side } from "#src/core/hedge.ts";
import type { Asset, VenueId } from "#src/core/instrument.ts";
import type { Opportunity, OpportunityLeg } from "#src/core/opportunity.ts";
import { type NotionalUsd, rate } from "#src/core/units.ts";
import { fadingSpread, scoreOf } from "./describe-spread.ts";
import { filterLeg } from "./filter-leg.ts";
import {
  type LegPair,
  pairLegs,
  type RankLeg,
  ratePerHour,
  rivalPairs,
  type ScoredPair,
  trailingRatePerHour,
} from "./pair-legs.ts";
import { type EntryRules, refusePair } from "./refuse-pair.ts";
import { type EntryParameters, scoreOpportunity } from "./score-opportunity.ts";

interface RankOptions {
  readonly rules: EntryRules;
  /** What one leg of the pair could be now. */
  readonly sizeUsdOf: (pair: LegPair) => NotionalUsd;
  readonly idFor: (asset: string, short: VenueId, long: VenueId) => string;
}

/** The best pair of every asset, best first, with the reason of each that is not worth it. */
export function rankOpportunities(input: RankOptions & { readonly legs: readonly RankLeg[] }): {
  readonly ranked: readonly Opportunity[];
  readonly dropped: readonly { readonly asset: string; readonly reason: string }[];
} {
  const costOf = legCosts(input.rules.entry);
  const found: Found[] = [];
  const dropped: { asset: string; reason: string }[] = [];
  for (const [asset, pair] of pairUsable(input.legs, input.rules, costOf)) {
    if (pair) found.push(bestWorthwhile(asset, pair, input, costOf));
    else dropped.push({ asset, reason: "NO_SECOND_VENUE" });
  }
  found.sort(byNetDollars(input.rules.scoreWeights));
  return { ranked: found.map(({ opportunity }) => opportunity), dropped };
}

interface Found {
  readonly pair: LegPair;
  readonly opportunity: Opportunity;
}

/** What the best pair lacks, the next may have: a spread that has not turned, or no floor for spot. */
function bestWorthwhile(
  asset: Asset,
  pair: ScoredPair,
  input: RankOptions,
  costOf: (leg: RankLeg) => Decimal,
): Found {
  const first = { pair, opportunity: describe(asset, pair, input, costOf) };
  if (first.opportunity.worthwhile) return first;
  for (const next of rivalPairs(pair, input.rules.entry.horizonHours, costOf)) {
    const opportunity = describe(asset, next, input, costOf);
    if (opportunity.worthwhile) return { pair: next, opportunity };
  }
  return first;
}

/**
 * A leg whose market is not good enough, or whose payments nobody has seen for long enough, makes no pair while
 * others of its asset can.
 */
function pairUsable(
  legs: readonly RankLeg[],
  { entry: { horizonHours }, filters }: EntryRules,
  costOf: (leg: RankLeg) => Decimal,
): ReadonlyMap<string, ScoredPair | null> {
  const pairs = new Map<string, ScoredPair | null>(pairLegs(legs, horizonHours, costOf));
  const isKnown = (leg: RankLeg) => leg.instrument.kind === "spot" || leg.trailingPerHour !== null;
  const usable = new Set(legs.filter((leg) => isKnown(leg) && filterLeg(leg, filters) === null));
  if (usable.size === legs.length) return pairs;
  const second = [...usable].filter(({ instrument: { asset } }) => {
    const pair = pairs.get(asset);
    return pair && !(usable.has(pair.short) && usable.has(pair.long));
  });
  for (const [asset, pair] of pairLegs(second, horizonHours, costOf)) {
    if (pair) pairs.set(asset, pair);
  }
  return pairs;
}

function describe(
  asset: Asset,
  pair: LegPair,
  { rules, sizeUsdOf, idFor }: RankOptions,
  costOf: (leg: RankLeg) => Decimal,
): Opportunity {
  const { short, long } = pair;
  const costRate = rate(costOf(short).plus(costOf(long)));
  const [shortTrailing, longTrailing] = [
    trailingRatePerHour(short, "short"),
    trailingRatePerHour(long, "long"),
  ];
  const sizeUsd = sizeUsdOf(pair);
  const scored = scoreOpportunity(
    {
      currentPerHour: nowPerHour(short, "short").minus(nowPerHour(long, "long")),
      trailingPerHour: shortTrailing && longTrailing ? shortTrailing.minus(longTrailing) : null,
      ...{ costRate, sizeUsd },
    },
    rules.entry,
  );
  const { spread8h, breakEven, ...figures } = scored;
  const refusal = refusePair(pair, rules) ?? scored;
  return {
    ...{ ...figures, ...refusal, asset, spread8h, costRate, sizeUsd },
    id: idFor(asset, short.instrument.venue, long.instrument.venue),
    short: legOf(short, "short"),
    long: legOf(long, "long"),
    breakEvenHours: breakEven?.hours ?? null,
    fading: () => fadingSpread(pair, spread8h, { ...rules.entry, costRate }),
    worthwhile: refusal.reason === null,
    reason: refusal.reason,
    figures: refusal.figures,
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

function legOf(leg: RankLeg, side: Side): OpportunityLeg {
  const { instrument, funding, borrowPerHour } = leg;
  const trailingPerHour = trailingRatePerHour(leg, side);
  const borrow = borrowPerHour === undefined ? {} : { borrowPerHour };
  return {
    instrument,
    funding,
    ...borrow,
    trailingPerHour: trailingPerHour && rate(trailingPerHour),
  };
}

/** What nobody lends is short in no pair. */
function nowPerHour(leg: RankLeg, side: Side): Decimal {
  return ratePerHour(leg, side) ?? ZERO;
}

/** Most expected dollars a day first; the score is asked only of what is worth the same. Unknown comes last. */
function byNetDollars(weights: EntryRules["scoreWeights"]): (a: Found, b: Found) => number {
  const known = new Map<Found, Decimal | null>();
  const score = (one: Found) => {
    const found = known.get(one);
    if (found !== undefined) return found;
    const made = scoreOf(one.pair, one.opportunity.spread8h, weights);
    known.set(one, made);
    return made;
  };
  return (a, b) => {
    const [first, second] = [a.opportunity, b.opportunity];
    if (first.worthwhile !== second.worthwhile) return first.worthwhile ? -1 : 1;
    const order = byFigure(first.netUsdPerDay, second.netUsdPerDay);
    return order || byFigure(score(a), score(b));
  };
}

function byFigure(a: Decimal | null, b: Decimal | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  return b.cmp(a);
}
