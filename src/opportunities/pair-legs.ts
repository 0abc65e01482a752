import type { Decimal } from "#src/core/decimal.ts";
import type { Asset, Instrument } from "#src/core/instrument.ts";
import type { ListedRate } from "#src/core/opportunity.ts";
import type { Price, Rate } from "#src/core/units.ts";

/** One instrument with what deciding needs. */
export interface RankLeg extends ListedRate {
  /** Mean realised rate per hour; null when history is too short. */
  readonly trailingPerHour: Rate | null;
  /** Entry slippage from the mid at a reference size; null when the book is too thin for it. */
  readonly slippageRate: Rate | null;
  readonly midPrice: Price | null;
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

/** The legs of one asset that its best pair can be made of. */
interface Extremes {
  /** Best two of each side: two are enough, because the other leg takes at most one of them away. */
  readonly shorts: Scored[];
  readonly longs: Scored[];
}

/**
 * The best pair of every asset. A pair's worth is what the short earns minus what the long pays, each
 * less its own costs: the sum of two per-leg scores, so the extremes decide and no pair is tried twice.
 */
export function pairLegs(
  legs: readonly RankLeg[],
  horizonHours: Decimal,
  costOf: (leg: RankLeg) => Decimal,
): ReadonlyMap<Asset, ScoredPair | null> {
  const extremes = new Map<Asset, Extremes>();
  for (const leg of legs) {
    const known = extremes.get(leg.instrument.asset) ?? { shorts: [], longs: [] };
    extremes.set(leg.instrument.asset, known);
    const carry = expectedPerHour(leg).times(horizonHours);
    const cost = costOf(leg);
    keepBest(known.shorts, { leg, score: carry.minus(cost) });
    keepBest(known.longs, { leg, score: carry.plus(cost).neg() });
  }
  return new Map([...extremes].map(([asset, found]) => [asset, bestPair(found)]));
}

/** What a leg is expected to pay an hour: the realised mean, or the current rate without one. */
export function expectedPerHour(leg: RankLeg): Decimal {
  return leg.trailingPerHour ?? currentPerHour(leg);
}

export function currentPerHour(leg: RankLeg): Decimal {
  return leg.funding.rate.div(leg.funding.intervalHours);
}

/** Two different venues, or spot and perp on one. */
export function mayPair(a: Instrument, b: Instrument): boolean {
  if (a.venue === b.venue) return a.kind !== b.kind;
  return a.kind === "perp" || b.kind === "perp";
}

function bestPair({ shorts, longs }: Extremes): ScoredPair | null {
  const rivals = [...shorts, ...longs].map(({ leg }) => leg);
  let best: ScoredPair | null = null;
  for (const short of shorts) {
    for (const long of longs) {
      if (!mayPair(short.leg.instrument, long.leg.instrument)) continue;
      const score = short.score.plus(long.score);
      if (!best || score.gt(best.score)) best = { short: short.leg, long: long.leg, score, rivals };
    }
  }
  return best;
}

/** Keeps the best leg, and the best one that may be on the other side of a pair with it. */
function keepBest(kept: Scored[], next: Scored): void {
  const worst = kept[1];
  if (worst && next.score.lte(worst.score)) return;
  const sameVenue = kept.findIndex(
    (one) =>
      one.leg.instrument.venue === next.leg.instrument.venue &&
      one.leg.instrument.kind === next.leg.instrument.kind,
  );
  const rival = kept[sameVenue];
  if (rival) {
    if (next.score.lte(rival.score)) return;
    kept.splice(sameVenue, 1);
  }
  kept.push(next);
  kept.sort((a, b) => b.score.cmp(a.score));
  if (kept.length > 2) kept.pop();
}
