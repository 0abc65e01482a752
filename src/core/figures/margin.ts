import { type Decimal, ONE, ZERO } from "#src/core/decimal.ts";
import type { Side } from "#src/core/hedge.ts";
import type { MarginTier } from "#src/core/instrument.ts";
import { type BaseSize, type Price, price } from "#src/core/units.ts";

/**
 * Liquidation price of one position in one tier (domain 2.8): LP = (E − MM_other + cum − σ q P) / (q m − σ q), where
 * the equity E already holds all unrealised P&L at P. Cross: E is the account's at the mark. Isolated: P is
 * the entry price, E the position's margin, and there are no others. Null when no positive price liquidates.
 */
export function liquidationPrice(position: {
  readonly side: Side;
  readonly sizeBase: BaseSize;
  /** The price at which `equityUsd` holds. */
  readonly markPrice: Price;
  /** Account equity at that price, after this position is on. */
  readonly equityUsd: Decimal;
  /** Maintenance margin of the account's other positions. */
  readonly otherMaintenanceUsd: Decimal;
  /** Maintenance margin fraction of this position. */
  readonly maintenanceRate: Decimal;
  /** What its tier takes off the maintenance margin. */
  readonly deductionUsd?: Decimal;
}): Price | null {
  const sigma = position.side === "long" ? ONE : ONE.neg();
  const directed = sigma.times(position.sizeBase);
  const top = position.equityUsd
    .minus(position.otherMaintenanceUsd)
    .plus(position.deductionUsd ?? ZERO)
    .minus(directed.times(position.markPrice));
  const bottom = position.sizeBase.times(position.maintenanceRate).minus(directed);
  if (bottom.eq(ZERO)) return null;
  const level = top.div(bottom);
  return level.gt(ZERO) ? price(level) : null;
}

/** How far the mark may move against the position before liquidation, as a fraction of the mark. */
export function liquidationDistance(markPrice: Price, liquidation: Price | null): Decimal {
  return liquidation === null ? ONE : liquidation.minus(markPrice).div(markPrice).abs();
}

/**
 * The same, 0 where the position is past liquidation already: a short that dies below the mark, or at every price
 * (null), a long that dies above it. Such an account is far from its liquidation price, on the wrong side.
 */
export function distanceLeft(side: Side, markPrice: Price, liquidation: Price | null): Decimal {
  const isPast =
    side === "short" ? !liquidation?.gt(markPrice) : (liquidation?.gte(markPrice) ?? false);
  return isPast ? ZERO : liquidationDistance(markPrice, liquidation);
}

/**
 * Largest notional (USD at the mark) that survives a move of `adverseMove` against it (domain 2.7):
 * short N ≤ E / (d + m (1 + d)), long N ≤ E / (d + m (1 − d)), E the equity beyond other maintenance. The
 * other leg's profit is at another venue and does not help.
 */
export function maxNotionalForShock(position: {
  readonly side: Side;
  readonly equityUsd: Decimal;
  readonly otherMaintenanceUsd: Decimal;
  readonly maintenanceRate: Decimal;
  readonly adverseMove: Decimal;
  readonly deductionUsd?: Decimal;
}): Decimal {
  const { adverseMove, maintenanceRate } = position;
  const available = position.equityUsd
    .minus(position.otherMaintenanceUsd)
    .plus(position.deductionUsd ?? ZERO);
  if (available.lte(ZERO)) return ZERO;
  const moved = position.side === "short" ? ONE.plus(adverseMove) : ONE.minus(adverseMove);
  return available.div(adverseMove.plus(maintenanceRate.times(moved)));
}

/**
 * Maintenance margin under a venue's tiers (domain 2.8): N m − ded, where each tier's deduction,
 * ded + lower × (m − m before), lets the margin grow without a jump. A boundary belongs to the tier that
 * begins there. Tiers in rising order.
 */
export function maintenanceMargin(
  notional: Decimal,
  tiers: readonly MarginTier[],
): { readonly mmr: Decimal; readonly deduction: Decimal; readonly maintenance: Decimal } {
  const [first, ...above] = tiers;
  if (!first) throw new RangeError("a margin schedule needs at least one tier");
  let mmr = first.rate;
  let deduction = ZERO;
  for (const tier of above) {
    if (notional.lt(tier.lowerUsd)) break;
    deduction = deduction.plus(tier.lowerUsd.times(tier.rate.minus(mmr)));
    mmr = tier.rate;
  }
  return { mmr, deduction, maintenance: notional.times(mmr).minus(deduction) };
}
