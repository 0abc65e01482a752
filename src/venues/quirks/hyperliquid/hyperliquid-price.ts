import { type Decimal, dec, roundToStep } from "#src/core/decimal.ts";
import type { OrderSide } from "#src/core/order.ts";

const SIGNIFICANT_DIGITS = 5;
const MOST_DECIMALS = 6;

/**
 * The price grid at a price: at most 5 significant digits and 6 − szDecimals decimals; whole numbers always
 * may. It grows coarser at each power of ten, so an instrument's tick is the grid at its mark.
 */
export function hyperliquidTick(at: Decimal, szDecimals: number): Decimal {
  const decimals = Math.min(SIGNIFICANT_DIGITS - 1 - at.e, MOST_DECIMALS - szDecimals);
  return dec("10").pow(-Math.max(0, decimals));
}

/**
 * The price itself wherever it is valid. Above a power of ten that the mark has not reached, it may have a
 * digit too many: then the nearest valid price that is not worse for us, never ccxt's nearest of all.
 */
export function hyperliquidPrice(wanted: Decimal, szDecimals: number, side: OrderSide): Decimal {
  const rounded = roundToStep(
    wanted,
    hyperliquidTick(wanted, szDecimals),
    side === "buy" ? "down" : "up",
  );
  if (rounded.lte("0")) throw new RangeError(`no valid price at ${wanted.toFixed()}`);
  return rounded;
}
