import { type Decimal, ONE, ZERO } from "./decimal.ts";
import type { Side } from "./hedge.ts";
import { type BaseSize, type Price, price } from "./units.ts";

/**
 * Liquidation price of one cross-margin position (domain 2.8):
 * LP = (equity − MM_other − σ q P) / (q m − σ q), where equity already holds all unrealised P&L at P.
 * Null when no positive price liquidates it.
 */
export function liquidationPrice(position: {
  readonly side: Side;
  readonly sizeBase: BaseSize;
  readonly markPrice: Price;
  /** Account equity at the mark, after this position is on. */
  readonly equityUsd: Decimal;
  /** Maintenance margin of the account's other positions. */
  readonly otherMaintenanceUsd: Decimal;
  /** Maintenance margin fraction of this position. */
  readonly maintenanceRate: Decimal;
}): Price | null {
  const sigma = position.side === "long" ? ONE : ONE.neg();
  const directed = sigma.times(position.sizeBase);
  const top = position.equityUsd
    .minus(position.otherMaintenanceUsd)
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
 * Largest notional (USD at the mark) whose liquidation stays `distance` away (domain 2.7):
 * short N ≤ E / (d + m (1 + d)), long N ≤ E / (d + m (1 − d)), E the equity beyond other maintenance.
 */
export function maxNotionalForDistance(position: {
  readonly side: Side;
  readonly equityUsd: Decimal;
  readonly otherMaintenanceUsd: Decimal;
  readonly maintenanceRate: Decimal;
  readonly distance: Decimal;
}): Decimal {
  const { distance, maintenanceRate } = position;
  const available = position.equityUsd.minus(position.otherMaintenanceUsd);
  if (available.lte(ZERO)) return ZERO;
  const shifted = position.side === "short" ? ONE.plus(distance) : ONE.minus(distance);
  return available.div(distance.plus(maintenanceRate.times(shifted)));
}
