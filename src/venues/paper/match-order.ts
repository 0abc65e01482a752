import type { BookLevel } from "#src/core/book.ts";
import { type Decimal, isMultipleOf, minOf, sum, ZERO } from "#src/core/decimal.ts";
import type { Instrument } from "#src/core/instrument.ts";
import type { OrderRequest, RefusalCode } from "#src/core/order.ts";
import type { Price } from "#src/core/units.ts";

export interface Match {
  readonly price: Price;
  readonly sizeBase: Decimal;
}

/** Why a venue says no, with the figures that decided it. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly detail: string;
}

/** What an order takes from these levels (best first), no worse than its limit; null takes any price. */
export function matchOrder(
  order: Pick<OrderRequest, "side"> & { readonly limitPrice: Price | null },
  sizeBase: Decimal,
  levels: readonly BookLevel[],
): readonly Match[] {
  const matches: Match[] = [];
  let left = sizeBase;
  for (const level of levels) {
    if (left.lte(ZERO) || !crosses(order.side, order.limitPrice, level.price)) break;
    const taken = minOf<Decimal>(left, level.sizeBase);
    if (taken.gt(ZERO)) matches.push({ price: level.price, sizeBase: taken });
    left = left.minus(taken);
  }
  return matches;
}

export function matchedSize(matches: readonly Match[]): Decimal {
  return sum(matches.map((match) => match.sizeBase));
}

/** Why a venue would refuse the order before looking at its book; null when it would not. */
export function refuseOrder(order: OrderRequest, instrument: Instrument): Refusal | null {
  const { sizeBase, limitPrice } = order;
  const { lotStepBase, priceTick, minSizeBase, minNotionalUsd } = instrument;
  if (!isMultipleOf(sizeBase, lotStepBase)) {
    return refusal(
      "OFF_LOT",
      `${sizeBase.toFixed()} is not a multiple of ${lotStepBase.toFixed()}`,
    );
  }
  if (!isMultipleOf(limitPrice, priceTick)) {
    return refusal(
      "OFF_TICK",
      `${limitPrice.toFixed()} is not a multiple of ${priceTick.toFixed()}`,
    );
  }
  if (sizeBase.lte(ZERO)) return refusal("BELOW_MIN_SIZE", "nothing to trade");
  // As real venues do: what only reduces may be small; spot knows no such orders.
  if (order.reduceOnly && instrument.kind === "perp") return null;
  if (sizeBase.lt(minSizeBase)) {
    return refusal("BELOW_MIN_SIZE", `${sizeBase.toFixed()} is below ${minSizeBase.toFixed()}`);
  }
  const notional = sizeBase.times(limitPrice);
  if (notional.gte(minNotionalUsd)) return null;
  return refusal(
    "BELOW_MIN_NOTIONAL",
    `${notional.toFixed(2)} USD is below ${minNotionalUsd.toFixed()}`,
  );
}

function crosses(side: OrderRequest["side"], limit: Price | null, level: Price): boolean {
  if (limit === null) return true;
  return side === "buy" ? level.lte(limit) : level.gte(limit);
}

function refusal(code: RefusalCode, detail: string): Refusal {
  return { code, detail };
}
