import { type Decimal, maxOf, minOf, ONE, ZERO } from "#src/core/decimal.ts";

/** How well an account's margin stands, best first. */
export type MarginBand = "green" | "yellow" | "orange" | "red";

/** From each value on, the band is at least as good as its name; below `orange` it is red. */
export interface BandFloors {
  readonly green: Decimal;
  readonly yellow: Decimal;
  readonly orange: Decimal;
}

/**
 * Equity over maintenance, and its band; a boundary belongs to the better band (domain 2.8). An account
 * without maintenance has nothing to lose: ratio null, green. Never judge by this alone: at 0.5 %
 * maintenance a ratio of 3 is a move of 1 %.
 */
export function marginTier(
  equityUsd: Decimal,
  maintenanceUsd: Decimal,
  floors: BandFloors,
): { readonly ratio: Decimal | null; readonly tier: MarginBand } {
  if (maintenanceUsd.lte(ZERO)) {
    return { ratio: null, tier: equityUsd.lt(ZERO) ? "red" : "green" };
  }
  const ratio = equityUsd.div(maintenanceUsd);
  return { ratio, tier: bandOf(ratio, floors) };
}

/** The band of a ratio, or of a distance to liquidation. */
export function bandOf(value: Decimal, floors: BandFloors): MarginBand {
  if (value.gte(floors.green)) return "green";
  if (value.gte(floors.yellow)) return "yellow";
  return value.gte(floors.orange) ? "orange" : "red";
}

const WORSE: readonly MarginBand[] = ["green", "yellow", "orange", "red"];

/** Of the band by ratio and the band by distance, the worse one counts. */
export function worseBand(a: MarginBand, b: MarginBand): MarginBand {
  return WORSE.indexOf(a) >= WORSE.indexOf(b) ? a : b;
}

/** Equity over maintenance from its inverse, as ccxt and Bybit give it; null when nothing is at stake. */
export function marginRatioFromCcxt(ccxtRatio: Decimal): Decimal | null {
  return ccxtRatio.lte(ZERO) ? null : ONE.div(ccxtRatio);
}

/**
 * Which share of the position to cut so that equity over maintenance is `targetRatio` again: x = 1 − R/R*,
 * in [0, 1]; the same base size off both legs (domain 2.8).
 */
export function reductionToTarget(
  equityUsd: Decimal,
  maintenanceUsd: Decimal,
  targetRatio: Decimal,
): Decimal {
  if (maintenanceUsd.lte(ZERO)) return ZERO;
  const share = ONE.minus(equityUsd.div(maintenanceUsd).div(targetRatio));
  return minOf(maxOf(share, ZERO), ONE);
}

/**
 * The price moves that a margin ratio stands for: (R − 1) m / (1 ∓ m); negative: already beyond. True only of an
 * account with one position in one tier, so the bands use the liquidation price instead; the vectors ask for it.
 */
export function liqDistanceFromRatio(
  ratio: Decimal,
  maintenanceRate: Decimal,
): { readonly longMove: Decimal; readonly shortMove: Decimal } {
  const slack = ratio.minus(ONE).times(maintenanceRate);
  return {
    longMove: slack.div(ONE.minus(maintenanceRate)),
    shortMove: slack.div(ONE.plus(maintenanceRate)),
  };
}
