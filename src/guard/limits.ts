import { type Decimal, dec, maxOf, minOf, ONE, ZERO } from "#src/core/decimal.ts";
import type { AllocationLimits } from "#src/core/rules/allocation.ts";
import { type NotionalUsd, notionalUsd } from "#src/core/units.ts";

export interface GuardLimits extends AllocationLimits {
  /** Most of the smaller equity that one leg's notional may be. */
  readonly equityShare: Decimal;
  readonly hardCapUsd: NotionalUsd;
  readonly maxLeverage: Decimal;
  /** Least distance to liquidation on either leg, as a fraction of the mark. */
  readonly minLiquidationDistance: Decimal;
  readonly maxRateAgeMs: number;
  readonly maxBookAgeMs: number;
  readonly maxEquityAgeMs: number;
  /** Largest difference of the legs' per-unit mids: catches 1000X symbols and ticker collisions. */
  readonly maxPriceGap: Decimal;
  /** Largest believable funding rate per interval. */
  readonly maxRatePerInterval: Decimal;
  /** Largest price move between the card and the tap. */
  readonly maxPriceMove: Decimal;
  /** Drift of the legs, as a fraction of the larger, beyond which they are evened out at once. */
  readonly emergencyDrift: Decimal;
  /** Equity over maintenance margin below which a hedge is closed. */
  readonly ratioOrange: Decimal;
  /** Distance to liquidation, as a fraction of the mark, below which a hedge is closed. */
  readonly distOrange: Decimal;
  readonly ticketLifeMs: number;
}

/** Compiled in. Nothing can loosen these; a setting or a call can only tighten. */
export const CEILINGS: GuardLimits = Object.freeze({
  equityShare: dec("0.8"),
  hardCapUsd: notionalUsd("50000"),
  maxLeverage: dec("10"),
  minLiquidationDistance: dec("0.2"),
  maxRateAgeMs: 60_000,
  maxBookAgeMs: 5_000,
  maxEquityAgeMs: 30_000,
  maxPriceGap: dec("0.02"),
  maxRatePerInterval: dec("0.04"),
  maxPriceMove: dec("0.005"),
  emergencyDrift: dec("0.1"),
  ratioOrange: dec("2"),
  distOrange: dec("0.1"),
  venueShareOfEquity: ONE,
  singlePosition: ONE,
  maxUtilisation: ONE,
  reserve: ZERO,
  ticketLifeMs: 120_000,
});

/** One leg's notional when the owner has not chosen a cap. */
const DEFAULT_HARD_CAP = notionalUsd("100");

/** The limits in force: each wanted value where it is tighter than the ceiling, else the ceiling. */
export function tightenLimits(wanted: Partial<GuardLimits>): GuardLimits {
  const least = <T extends Decimal>(ceiling: T, value: T | undefined) =>
    value === undefined ? ceiling : minOf(ceiling, value);
  const most = (floor: Decimal, value: Decimal | undefined) =>
    value === undefined ? floor : maxOf(floor, value);
  const shortest = (ceiling: number, value: number | undefined) =>
    value === undefined ? ceiling : Math.min(ceiling, value);
  return Object.freeze({
    equityShare: least(CEILINGS.equityShare, wanted.equityShare),
    hardCapUsd: minOf(CEILINGS.hardCapUsd, wanted.hardCapUsd ?? DEFAULT_HARD_CAP),
    maxLeverage: least(CEILINGS.maxLeverage, wanted.maxLeverage),
    minLiquidationDistance: most(CEILINGS.minLiquidationDistance, wanted.minLiquidationDistance),
    maxRateAgeMs: shortest(CEILINGS.maxRateAgeMs, wanted.maxRateAgeMs),
    maxBookAgeMs: shortest(CEILINGS.maxBookAgeMs, wanted.maxBookAgeMs),
    maxEquityAgeMs: shortest(CEILINGS.maxEquityAgeMs, wanted.maxEquityAgeMs),
    maxPriceGap: least(CEILINGS.maxPriceGap, wanted.maxPriceGap),
    maxRatePerInterval: least(CEILINGS.maxRatePerInterval, wanted.maxRatePerInterval),
    maxPriceMove: least(CEILINGS.maxPriceMove, wanted.maxPriceMove),
    emergencyDrift: least(CEILINGS.emergencyDrift, wanted.emergencyDrift),
    ratioOrange: most(CEILINGS.ratioOrange, wanted.ratioOrange),
    distOrange: most(CEILINGS.distOrange, wanted.distOrange),
    venueShareOfEquity: least(CEILINGS.venueShareOfEquity, wanted.venueShareOfEquity),
    singlePosition: least(CEILINGS.singlePosition, wanted.singlePosition),
    maxUtilisation: least(CEILINGS.maxUtilisation, wanted.maxUtilisation),
    reserve: most(CEILINGS.reserve, wanted.reserve),
    ticketLifeMs: shortest(CEILINGS.ticketLifeMs, wanted.ticketLifeMs),
  });
}
