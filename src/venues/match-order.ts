import type { BookLevel } from "#src/core/book.ts";
import { type Decimal, isMultipleOf, minOf, ZERO } from "#src/core/decimal.ts";
import type { Instrument } from "#src/core/instrument.ts";
import type { OrderRequest, RefusalCode } from "#src/core/order.ts";
import type { Price } from "#src/core/units.ts";

export interface Match {
  readonly price: Price;
  readonly sizeBase: Decimal;
}

/** What an order takes from these levels (best first), no worse than its limit. */
export function matchOrder(
  order: Pick<OrderRequest, "side" | "limitPrice">,
  sizeBase: Decimal,
  levels: readonly BookLevel[],
): readonly Match[] {
  const matches: Match[] = [];
  let left = sizeBase;
  for (const level of levels) {
    const crosses =
      order.side === "buy" ? level.price.lte(order.limitPrice) : level.price.gte(order.limitPrice);
    if (!crosses || left.lte(ZERO)) break;
    const taken = minOf<Decimal>(left, level.sizeBase);
    if (taken.gt(ZERO)) matches.push({ price: level.price, sizeBase: taken });
    left = left.minus(taken);
  }
  return matches;
}

/** Why a venue would refuse the order before looking at its book; null when it would not. */
export function refuseOrder(order: OrderRequest, instrument: Instrument): RefusalCode | null {
  if (!isMultipleOf(order.sizeBase, instrument.lotStepBase)) return "OFF_LOT";
  if (!isMultipleOf(order.limitPrice, instrument.priceTick)) return "OFF_TICK";
  if (order.sizeBase.lte(ZERO)) return "BELOW_MIN_SIZE";
  // As real venues do: what only reduces may be small.
  if (order.reduceOnly) return null;
  if (order.sizeBase.lt(instrument.minSizeBase)) return "BELOW_MIN_SIZE";
  const notional = order.sizeBase.times(order.limitPrice);
  return notional.lt(instrument.minNotionalUsd) ? "BELOW_MIN_NOTIONAL" : null;
}
