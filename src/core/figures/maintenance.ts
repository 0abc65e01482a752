import { type Decimal, maxOf, minOf, ZERO } from "#src/core/decimal.ts";
import type { Instrument } from "#src/core/instrument.ts";
import type { Price } from "#src/core/units.ts";
import { liquidationPrice, maintenanceMargin, maxNotionalForShock } from "./margin.ts";

/** What an instrument's positions must keep: by the venue's tiers, or one rate where those are unknown. */
export type Maintenance = Pick<Instrument, "maintenanceRate" | "maintenanceTiers">;

/** What a position of this size (>= 0) must keep at this price, in USD. */
export function maintenanceUsd(of: Maintenance, sizeBase: Decimal, atPrice: Decimal): Decimal {
  const notional = sizeBase.times(atPrice);
  const tiers = of.maintenanceTiers;
  if (tiers?.by === "notional") return maintenanceMargin(notional, tiers.tiers).maintenance;
  return notional.times(rateBySize(of, sizeBase));
}

/** What one more dollar of it must keep: the rate of its tier. */
export function maintenanceRateAt(of: Maintenance, sizeBase: Decimal, atPrice: Decimal): Decimal {
  const tiers = of.maintenanceTiers;
  if (tiers?.by !== "notional") return rateBySize(of, sizeBase);
  return maintenanceMargin(sizeBase.times(atPrice), tiers.tiers).mmr;
}

/**
 * Liquidation price under the venue's tiers. Maintenance is the largest of its tiers' lines N m − ded, so the
 * first line that the equity meets is the one that liquidates, and it lies in its own tier (domain 2.8,
 * "re-tier and iterate", without iterating). Null when no positive price liquidates.
 */
export function liquidationLevel(
  position: Omit<Parameters<typeof liquidationPrice>[0], "maintenanceRate" | "deductionUsd"> & {
    readonly maintenance: Maintenance;
  },
): Price | null {
  const { side, sizeBase, maintenance } = position;
  const all = linesOf(maintenance, sizeBase).map((line) =>
    liquidationPrice({ ...position, ...line }),
  );
  const levels = all.filter((level) => level !== null);
  const [first, ...others] = levels;
  // What a short has lost at every price in one tier, it has lost.
  if (!first || (side === "short" && levels.length < all.length)) return null;
  return side === "short" ? minOf(first, ...others) : maxOf(first, ...others);
}

/** Largest notional (USD at `markPrice`) that survives the move, under the venue's tiers; see maxNotionalForShock. */
export function survivableNotional(
  position: Omit<Parameters<typeof maxNotionalForShock>[0], "maintenanceRate" | "deductionUsd"> & {
    readonly maintenance: Maintenance;
    readonly markPrice: Price;
  },
): Decimal {
  const { maintenance, markPrice } = position;
  const under = (line: Line) => maxNotionalForShock({ ...position, ...line });
  const tiers = maintenance.maintenanceTiers;
  if (tiers?.by !== "size") {
    const [first, ...others] = linesOf(maintenance, ZERO).map(under);
    return first ? minOf(first, ...others) : ZERO;
  }
  let most: Decimal | null = null;
  for (const { lowerBase, rate } of tiers.tiers) {
    // What the tiers below leave does not come to this one.
    if (most?.div(markPrice).lt(lowerBase)) break;
    most = under({ maintenanceRate: rate, deductionUsd: ZERO });
  }
  return most ?? ZERO;
}

interface Line {
  readonly maintenanceRate: Decimal;
  readonly deductionUsd: Decimal;
}

/** N m − ded for each tier that a position of this size can come to by its price alone. */
function linesOf(of: Maintenance, sizeBase: Decimal): readonly Line[] {
  const tiers = of.maintenanceTiers;
  if (tiers?.by !== "notional") {
    return [{ maintenanceRate: rateBySize(of, sizeBase), deductionUsd: ZERO }];
  }
  return tiers.tiers.map(({ lowerUsd }) => {
    const { mmr, deduction } = maintenanceMargin(lowerUsd, tiers.tiers);
    return { maintenanceRate: mmr, deductionUsd: deduction };
  });
}

function rateBySize(of: Maintenance, sizeBase: Decimal): Decimal {
  const tiers = of.maintenanceTiers;
  if (tiers?.by !== "size") return of.maintenanceRate;
  return (
    tiers.tiers.findLast(({ lowerBase }) => sizeBase.gte(lowerBase))?.rate ?? of.maintenanceRate
  );
}
