import { type Decimal, floorToStep, minOf, ONE, roundToStep, ZERO } from "#src/core/decimal.ts";
import type { OrderSide } from "#src/core/order.ts";

/**
 * The smallest order on the lot that leaves `net` (which need not be on it) when the venue keeps `feeRate` (a
 * fraction in [0, 1)) of the coins that it buys. What it leaves beyond `net` is less than one lot.
 */
export function grossUp(net: Decimal, feeRate: Decimal, lot: Decimal): Decimal {
  if (feeRate.lte(ZERO)) return roundToStep(net, lot, "up");
  const kept = ONE.minus(feeRate);
  const gross = roundToStep(net.div(kept), lot, "up");
  // A quotient that was rounded down may be one lot short.
  return gross.times(kept).lt(net) ? gross.plus(lot) : gross;
}

/** A trade of one order, in canonical base units. */
export interface GrossTrade {
  readonly size: Decimal;
  /** The part of its fee that was taken in the traded coin; negative for a rebate. */
  readonly feeCoins: Decimal;
}

/**
 * What each trade of one order added to the account's coins (or took from them), in whole lots and never more
 * than `asked` in all. The sum after each trade depends on the trades before it alone, so that a trade once
 * told is told the same for ever. Null asks for no bound: an order that is not ours.
 */
export function netSizes(
  trades: readonly GrossTrade[],
  { side, lot, asked }: { side: OrderSide; lot: Decimal; asked: Decimal | null },
): readonly Decimal[] {
  let [moved, told] = [ZERO, ZERO];
  return trades.map(({ size, feeCoins }) => {
    moved = moved.plus(side === "buy" ? size.minus(feeCoins) : size.plus(feeCoins));
    const whole = floorToStep(moved, lot);
    const most = asked === null ? whole : minOf(whole, asked);
    const added = most.gt(told) ? most.minus(told) : ZERO;
    told = told.plus(added);
    return added;
  });
}
