import { type Decimal, dec, maxOf, minOf, ONE, ZERO } from "#src/core/decimal.ts";
import {
  liquidationLevel,
  type Maintenance,
  maintenanceUsd,
} from "#src/core/figures/maintenance.ts";
import { distanceLeft } from "#src/core/figures/margin.ts";
import type { Side } from "#src/core/hedge.ts";
import type { BaseSize, Price } from "#src/core/units.ts";
import {
  type BandFloors,
  bandOf,
  type MarginBand,
  marginTier,
  reductionToTarget,
  worseBand,
} from "./margin-bands.ts";

export interface MarginRules {
  /** Equity over maintenance. */
  readonly ratio: BandFloors;
  /** Adverse move to liquidation, as a fraction of the mark. */
  readonly distance: BandFloors;
  /** A cut is at least this share. */
  readonly leastCut: Decimal;
}

/** One leg that can be liquidated, and the account that backs it, at one moment. */
export interface LegMargin {
  readonly side: Side;
  readonly sizeBase: BaseSize;
  readonly markPrice: Price;
  /** As the venue says; null where it says none, and then it is computed. */
  readonly liquidationPrice: Price | null;
  readonly maintenance: Maintenance;
  readonly equityUsd: Decimal;
  readonly maintenanceUsd: Decimal;
  /** Equity over maintenance as the venue itself counts it; absent where it does not say. */
  readonly venueRatio?: Decimal | undefined;
}

export interface MarginVerdict {
  readonly band: MarginBand;
  /** Null when nothing is at stake. */
  readonly ratio: Decimal | null;
  /** 0: at or beyond liquidation. 1: no price near enough to matter. */
  readonly distance: Decimal;
}

/** How a leg stands (domain 2.8): by ratio and by distance, the worse counts; boundaries are the better band's. */
export function judgeMargin(leg: LegMargin, rules: MarginRules): MarginVerdict {
  const { ratio, tier } = marginTier(backingOf(leg), leg.maintenanceUsd, rules.ratio);
  const distance = distanceOf(leg);
  return { ratio, distance, band: worseBand(tier, bandOf(distance, rules.distance)) };
}

/** Better only when it is this much better, so that what stands on a boundary is not told of each minute. */
const CALM = dec("1.1");

/** The band to tell of: worse at once, better when it is clearly so. `was`: the one told last. */
export function settledBand(was: MarginBand, leg: LegMargin, rules: MarginRules): MarginBand {
  const now = judgeMargin(leg, rules).band;
  if (worseBand(now, was) === now) return now;
  const clearly = judgeMargin(leg, calmer(rules)).band;
  return worseBand(clearly, was) === clearly ? was : clearly;
}

/**
 * Which share of both legs to cut so that this one is clearly green again, in [0, 1]. By ratio 1 − R/R*; by
 * distance 1 − d/d*, which is enough because the distance grows at least as the size shrinks.
 */
export function shareToCut(leg: LegMargin, rules: MarginRules): Decimal {
  const target = calmer(rules);
  const byRatio = reductionToTarget(backingOf(leg), leg.maintenanceUsd, target.ratio.green);
  const byDistance = ONE.minus(distanceOf(leg).div(target.distance.green));
  return minOf(maxOf(rules.leastCut, byRatio, byDistance), ONE);
}

function calmer(rules: MarginRules): MarginRules {
  return { ...rules, ratio: raised(rules.ratio), distance: raised(rules.distance) };
}

function raised({ green, yellow, orange }: BandFloors): BandFloors {
  return { green: green.times(CALM), yellow: yellow.times(CALM), orange: orange.times(CALM) };
}

/** The venue's own price counts where it names one: it knows its tiers and modes. */
export function distanceOf(leg: LegMargin): Decimal {
  const own = maintenanceUsd(leg.maintenance, leg.sizeBase, leg.markPrice);
  const otherMaintenanceUsd = maxOf<Decimal>(leg.maintenanceUsd.minus(own), ZERO);
  const equityUsd = backingOf(leg);
  const level =
    leg.liquidationPrice ?? liquidationLevel({ ...leg, equityUsd, otherMaintenanceUsd });
  return distanceLeft(leg.side, leg.markPrice, level);
}

/** What backs the account: of our sum and of what the venue counts (it may cut what coins are worth) the less. */
function backingOf({ equityUsd, maintenanceUsd: kept, venueRatio }: LegMargin): Decimal {
  return venueRatio ? minOf(equityUsd, venueRatio.times(kept)) : equityUsd;
}
