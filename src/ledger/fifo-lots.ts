import { type Decimal, minOf, ZERO } from "#src/core/decimal.ts";
import type { Fill } from "#src/core/order.ts";
import { type Usd, usd } from "#src/core/units.ts";

interface Lot {
  left: Decimal;
  readonly price: Decimal;
}

/**
 * What each closing fill of one instrument realised, first in, first out, before fees: the price result that
 * tax forms ask for of coins. By trade id; fills that only open have none.
 */
export function fifoLots(fills: readonly Fill[]): ReadonlyMap<string, Usd> {
  const realised = new Map<string, Usd>();
  let lots: Lot[] = [];
  let side: Fill["side"] | null = null;
  for (const fill of fills.toSorted((a, b) => a.filledAt - b.filledAt)) {
    if (lots.length === 0) side = fill.side;
    if (fill.side === side) {
      lots.push({ left: fill.sizeBase, price: fill.price });
      continue;
    }
    let left: Decimal = fill.sizeBase;
    let result = ZERO;
    for (const lot of lots) {
      const size = minOf<Decimal>(left, lot.left);
      const move = fill.price.minus(lot.price).times(size);
      result = result.plus(side === "buy" ? move : move.neg());
      left = left.minus(size);
      lot.left = lot.left.minus(size);
    }
    realised.set(fill.tradeId, usd(result));
    lots = lots.filter((lot) => lot.left.gt(ZERO));
    // More was closed than was there: the rest opens the other way.
    if (left.gt(ZERO)) {
      side = fill.side;
      lots = [{ left, price: fill.price }];
    }
  }
  return realised;
}
