import { type Decimal, ZERO } from "#src/core/decimal.ts";
import type { Side } from "#src/core/hedge.ts";
import type { Asset } from "#src/core/instrument.ts";
import type { ListedRate } from "#src/core/opportunity.ts";
import type { NotionalUsd, Price, Rate } from "#src/core/units.ts";

/** One instrument with what deciding needs. */
export interface RankLeg extends ListedRate {
  /** Mean realised rate per hour; null when history is too short. */
  readonly trailingPerHour: Rate | null;
  /** Entry slippage from the mid at a reference size; null when the book is too thin for it. */
  readonly slippageRate: Rate | null;
  readonly midPrice: Price | null;
  /** Null before it was looked at closely. */
  readonly market: LegMarket | null;
}

/** How a leg's market trades; what the venue does not say is null. */
export interface LegMarket {
  readonly volume24hUsd: NotionalUsd | null;
  readonly openInterestUsd: NotionalUsd | null;
  /** Best ask less best bid, of the mid. */
  readonly bidAsk: Rate | null;
  /** Within the slippage limit, on the thinner side. */
  readonly depthUsd: NotionalUsd;
  /** Between its last payments; null where there are too few of them, and for spot. */
  readonly settlesEveryHours: Decimal | null;
  /** What each hour paid, by the number of the hour; to look at, never to reckon with. */
  readonly hourly: ReadonlyMap<number, number>;
}

export interface LegPair {
  readonly short: RankLeg;
  readonly long: RankLeg;
}

/** A pair with what it is worth, and the legs that could take the place of one of its own. */
export interface ScoredPair extends LegPair {
  readonly score: Decimal;
  readonly rivals: readonly RankLeg[];
}

interface Scored {
  readonly leg: RankLeg;
  readonly score: Decimal;
}

/** The perps of one asset that its best pair across venues can be made of. */
interface Extremes {
  /** Best two of each side: two are enough, because the other leg takes at most one of them away. */
  readonly shorts: Scored[];
  readonly longs: Scored[];
}

type CostOf = (leg: RankLeg) => Decimal;

/**
 * The best pair of every asset. A pair's worth is what the short earns minus what the long pays, each
 * less its own costs: the sum of two per-leg scores, so the extremes decide and no pair is tried twice.
 * Perps pair across venues; spot only with a perp of its own venue.
 */
export function pairLegs(
  legs: readonly RankLeg[],
  horizonHours: Decimal,
  costOf: CostOf,
): ReadonlyMap<Asset, ScoredPair | null> {
  const extremes = new Map<Asset, Extremes>();
  const spots: RankLeg[] = [];
  for (const leg of legs) {
    const known = extremes.get(leg.instrument.asset) ?? { shorts: [], longs: [] };
    extremes.set(leg.instrument.asset, known);
    if (leg.instrument.kind === "spot") {
      spots.push(leg);
      continue;
    }
    const carry = (leg.trailingPerHour ?? currentPerHour(leg)).times(horizonHours);
    const cost = costOf(leg);
    keepBest(known.shorts, { leg, score: carry.minus(cost) });
    keepBest(known.longs, { leg, score: carry.plus(cost).neg() });
  }
  const withSpot = pairSpot(legs, spots, (leg, side) => scoreOf(leg, side, horizonHours, costOf));
  return new Map(
    [...extremes].map(([asset, found]) => [
      asset,
      better(bestPair(found), withSpot.get(asset) ?? null),
    ]),
  );
}

/** What a perp's holder pays an hour now. */
function currentPerHour({ funding }: ListedRate): Decimal {
  return funding.rate.div(funding.intervalHours);
}

/**
 * The rate per hour that a leg brings into its pair's spread, short less long, now (domain 2.2): a perp its
 * funding; spot 0 when it is long and minus the borrow when it is short. Null: it cannot be sold short.
 */
export function ratePerHour(leg: ListedRate, side: Side): Decimal | null {
  if (leg.instrument.kind === "perp") return currentPerHour(leg);
  return side === "long" ? ZERO : (leg.borrowPerHour?.neg() ?? null);
}

/** The same over the look-back; of spot the current one, because nobody records what loans did cost. */
export function trailingRatePerHour(leg: RankLeg, side: Side): Decimal | null {
  return leg.instrument.kind === "perp" ? leg.trailingPerHour : ratePerHour(leg, side);
}

function scoreOf(leg: RankLeg, side: Side, horizonHours: Decimal, costOf: CostOf): Decimal | null {
  const perHour = trailingRatePerHour(leg, side) ?? ratePerHour(leg, side);
  const carry = perHour?.times(horizonHours);
  const cost = costOf(leg);
  return (side === "short" ? carry?.minus(cost) : carry?.plus(cost).neg()) ?? null;
}

/** Of every asset the best of spot long with perp short, and spot short with perp long, on one venue. */
function pairSpot(
  legs: readonly RankLeg[],
  spots: readonly RankLeg[],
  scored: (leg: RankLeg, side: Side) => Decimal | null,
): ReadonlyMap<Asset, ScoredPair> {
  const best = new Map<Asset, ScoredPair>();
  if (spots.length === 0) return best;
  const placeOf = ({ instrument: { asset, venue } }: RankLeg) => `${asset}:${venue}`;
  const places = Map.groupBy(spots, placeOf);
  const perps = Map.groupBy(
    legs.filter((leg) => leg.instrument.kind === "perp" && places.has(placeOf(leg))),
    placeOf,
  );
  for (const [place, spotsThere] of places) {
    for (const side of ["short", "long"] as const) {
      const spot = bestOf(spotsThere, side, scored);
      const perp = bestOf(perps.get(place) ?? [], side === "short" ? "long" : "short", scored);
      if (!spot || !perp) continue;
      const [short, long] = side === "short" ? [spot.leg, perp.leg] : [perp.leg, spot.leg];
      const pair = { short, long, score: spot.score.plus(perp.score), rivals: [short, long] };
      const known = best.get(spot.leg.instrument.asset);
      best.set(spot.leg.instrument.asset, known ? better(known, pair) : pair);
    }
  }
  return best;
}

function bestOf(
  legs: readonly RankLeg[],
  side: Side,
  scored: (leg: RankLeg, side: Side) => Decimal | null,
): Scored | null {
  let best: Scored | null = null;
  for (const leg of legs) {
    const score = scored(leg, side);
    if (score && (!best || score.gt(best.score))) best = { leg, score };
  }
  return best;
}

/** The better pair, with the rivals of both: their books decide in the end. */
function better(a: ScoredPair, b: ScoredPair): ScoredPair;
function better(a: ScoredPair | null, b: ScoredPair | null): ScoredPair | null;
function better(a: ScoredPair | null, b: ScoredPair | null): ScoredPair | null {
  if (!a || !b) return a ?? b;
  const rivals = [...new Set([...a.rivals, ...b.rivals])];
  return { ...(b.score.gt(a.score) ? b : a), rivals };
}

function bestPair({ shorts, longs }: Extremes): ScoredPair | null {
  const rivals = [...shorts, ...longs].map(({ leg }) => leg);
  let best: ScoredPair | null = null;
  for (const short of shorts) {
    for (const long of longs) {
      if (short.leg.instrument.venue === long.leg.instrument.venue) continue;
      const score = short.score.plus(long.score);
      if (!best || score.gt(best.score)) best = { short: short.leg, long: long.leg, score, rivals };
    }
  }
  return best;
}

/** The other pairs that can be made of a pair's rivals and are worth more than their costs, best first. */
export function rivalPairs(
  { short: bestShort, long: bestLong, rivals }: ScoredPair,
  horizonHours: Decimal,
  costOf: CostOf,
): readonly LegPair[] {
  const found = rivals.flatMap((short) =>
    rivals.flatMap((long) => {
      const isBest = short === bestShort && long === bestLong;
      if (isBest || !canPair(short, long)) return [];
      const [a, b] = [
        scoreOf(short, "short", horizonHours, costOf),
        scoreOf(long, "long", horizonHours, costOf),
      ];
      const score = a && b && a.plus(b);
      return score?.gt(ZERO) ? [{ short, long, score }] : [];
    }),
  );
  return found.sort((a, b) => b.score.cmp(a.score));
}

/** Perps of two venues, or spot and perp of one. */
function canPair({ instrument: a }: RankLeg, { instrument: b }: RankLeg): boolean {
  return a.venue === b.venue ? a.kind !== b.kind : a.kind === "perp" && b.kind === "perp";
}

/** Keeps the best leg, and the best one that may be on the other side of a pair with it. */
function keepBest(kept: Scored[], next: Scored): void {
  const worst = kept[1];
  if (worst && next.score.lte(worst.score)) return;
  const sameVenue = kept.findIndex((one) => one.leg.instrument.venue === next.leg.instrument.venue);
  const rival = kept[sameVenue];
  if (rival) {
    if (next.score.lte(rival.score)) return;
    kept.splice(sameVenue, 1);
  }
  kept.push(next);
  kept.sort((a, b) => b.score.cmp(a.score));
  if (kept.length > 2) kept.pop();
}
