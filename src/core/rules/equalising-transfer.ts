import { type Decimal, dec, floorToStep, minOf, ONE, ZERO } from "#src/core/decimal.ts";
import { maintenanceRateAt } from "#src/core/figures/maintenance.ts";
import { distanceOf, type LegMargin } from "./judge-margin.ts";

/** Less than this is not worth a transfer's fee and its hours. */
const LEAST_USD = dec("5");

/**
 * What to move from the account of `rich` to that of `poor` so that both legs are equally far from
 * liquidation (domain 4.8): t = (d_rich − d_poor) / (1/K_poor + 1/K_rich), where a dollar moves a leg's
 * distance by 1/K, K = N (1 ± m). Whole dollars, never more than what is free; null when it is not
 * worth it.
 */
export function equalisingTransfer(options: {
  readonly poor: LegMargin;
  readonly rich: LegMargin;
  /** What the rich account may give away without touching a position. */
  readonly freeUsd: Decimal;
}): {
  readonly amountUsd: Decimal;
  readonly poorAfter: Decimal;
  readonly richAfter: Decimal;
} | null {
  const { poor, rich, freeUsd } = options;
  const apart = distanceOf(rich).minus(distanceOf(poor));
  const [a, b] = [dollarsPerMove(poor), dollarsPerMove(rich)];
  if (apart.lte(ZERO) || a.lte(ZERO) || b.lte(ZERO)) return null;
  const equal = apart.div(ONE.div(a).plus(ONE.div(b)));
  const most = minOf(equal, freeUsd);
  const amount = most.gt(ZERO) ? floorToStep(most, ONE) : ZERO;
  if (amount.lt(LEAST_USD)) return null;
  return {
    amountUsd: amount,
    poorAfter: distanceOf(poor).plus(amount.div(a)),
    richAfter: distanceOf(rich).minus(amount.div(b)),
  };
}

function dollarsPerMove({ side, sizeBase, markPrice, maintenance }: LegMargin): Decimal {
  const kept = maintenanceRateAt(maintenance, sizeBase, markPrice);
  const moved = side === "short" ? ONE.plus(kept) : ONE.minus(kept);
  return sizeBase.times(markPrice).times(moved);
}
