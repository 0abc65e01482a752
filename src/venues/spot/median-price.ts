import { type Decimal, maxOf, minOf } from "#src/core/decimal.ts";

/**
 * The price to count with now: the last trade, unless the book has moved away from it. Null where neither a
 * book nor a trade is told.
 */
export function medianPrice(
  last: Decimal | null,
  bid: Decimal | null,
  ask: Decimal | null,
): Decimal | null {
  if (!bid?.gt("0") || !ask?.gt("0") || bid.gt(ask)) return last?.gt("0") ? last : null;
  return last?.gt("0") ? maxOf(bid, minOf(ask, last)) : bid.plus(ask).div("2");
}
