import { type Decimal, ONE, ZERO } from "#src/core/decimal.ts";
import { maintenanceMargin } from "#src/core/figures/margin.ts";
import type { MaintenanceTiers, MarginTier } from "#src/core/instrument.ts";

/** Null where the venue does not say. */
interface ListedTier {
  readonly lowerUsd: Decimal | null;
  readonly rate: Decimal | null;
  readonly deductionUsd: Decimal | null;
}

/** A venue's deductions are rounded, and each builds on the one before. */
const ROUNDING_USD = ONE;

/**
 * Tiers by notional as a venue lists them. Null, so that they are unknown, when one lacks its figures, when they
 * do not begin at 0 and rise, or when the venue takes less off than follows from them (domain 2.8): it would
 * liquidate before we expect it.
 */
export function progressiveTiers(listed: readonly ListedTier[]): MaintenanceTiers | null {
  const whole = listed.flatMap(({ lowerUsd, rate, deductionUsd }) =>
    lowerUsd && rate ? [{ lowerUsd, rate, deductionUsd }] : [],
  );
  const tiers = whole.toSorted((a, b) => a.lowerUsd.cmp(b.lowerUsd));
  if (tiers.length === 0 || tiers.length < listed.length) return null;
  const isSound = tiers.every((tier, index) => follows(tier, tiers[index - 1], tiers));
  if (!isSound) return null;
  return { by: "notional", tiers: tiers.map(({ lowerUsd, rate }) => ({ lowerUsd, rate })) };
}

function follows(
  { lowerUsd, rate, deductionUsd }: MarginTier & Pick<ListedTier, "deductionUsd">,
  before: MarginTier | undefined,
  all: readonly MarginTier[],
): boolean {
  if (rate.lte(ZERO) || rate.gte(ONE)) return false;
  if (!before) return lowerUsd.eq(ZERO);
  const least = maintenanceMargin(lowerUsd, all).deduction.minus(ROUNDING_USD);
  const isTakenOff = deductionUsd === null || deductionUsd.gte(least);
  return lowerUsd.gt(before.lowerUsd) && rate.gte(before.rate) && isTakenOff;
}
