import type { Settings } from "#config/schema.ts";
import { minOf } from "#src/core/decimal.ts";
import { notionalUsd } from "#src/core/units.ts";
import { type GuardLimits, tightenLimits } from "#src/guard/limits.ts";

/** What the operator wants of the guard, where it is tighter than its own. */
export function limitsInForce({ limits, allocation, rebalance, margin }: Settings): GuardLimits {
  return tightenLimits({
    ...limits,
    ...allocation,
    hardCapUsd: notionalUsd(limits.hardCapUsd),
    // What legs are meant to have is the most that any may have.
    maxLeverage: minOf(limits.maxLeverage, limits.leverage),
    maxRateAgeMs: limits.maxRateAgeSeconds * 1000,
    maxBookAgeMs: limits.maxBookAgeSeconds * 1000,
    maxEquityAgeMs: limits.maxEquityAgeSeconds * 1000,
    emergencyDrift: rebalance.emergencyDrift,
    ratioOrange: margin.ratioOrange,
    distOrange: margin.distOrange,
  });
}
