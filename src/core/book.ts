import { type Decimal, ZERO } from "./decimal.ts";
import type { OrderSide } from "./order.ts";
import { type BaseSize, baseSize, type EpochMs, type Price, price } from "./units.ts";

export interface BookLevel {
  readonly price: Price;
  readonly sizeBase: BaseSize;
}

/** Best level first on both sides. */
export interface OrderBook {
  readonly venue: string;
  readonly symbol: string;
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
  /** Wall time. */
  readonly observedAt: EpochMs;
}

export type BookWalk =
  | {
      readonly filled: true;
      readonly vwap: Price;
      /** Fraction away from the best price, >= 0. */
      readonly slippageFromBest: Decimal;
      readonly worstPrice: Price;
    }
  | { readonly filled: false; readonly shortfallBase: BaseSize };

/** Average price of taking `sizeBase` from these levels (domain 2.3). Too little depth is not a fill. */
export function walkBook(levels: readonly BookLevel[], sizeBase: BaseSize): BookWalk {
  let left: Decimal = sizeBase;
  let cost = ZERO;
  let worst: Price | null = null;
  for (const level of levels) {
    if (left.lte(ZERO)) break;
    const taken = level.sizeBase.lt(left) ? level.sizeBase : left;
    cost = cost.plus(taken.times(level.price));
    left = left.minus(taken);
    worst = level.price;
  }
  const best = levels[0]?.price;
  if (left.gt(ZERO) || worst === null || best === undefined || sizeBase.lte(ZERO)) {
    return { filled: false, shortfallBase: baseSize(left) };
  }
  const vwap = price(cost.div(sizeBase));
  return {
    filled: true,
    vwap,
    slippageFromBest: vwap.minus(best).div(best).abs(),
    worstPrice: worst,
  };
}

/** The levels that an order of this side takes from. */
export function levelsFor(book: OrderBook, side: OrderSide): readonly BookLevel[] {
  return side === "buy" ? book.asks : book.bids;
}

/** Middle of the best bid and ask; null when a side is empty. */
export function midPrice(book: OrderBook): Price | null {
  const bid = book.bids[0]?.price;
  const ask = book.asks[0]?.price;
  return bid && ask ? price(bid.plus(ask).div("2")) : null;
}

/** Base size on offer for an order of this side within `maxSlippage` (fraction) of the best price. */
export function depthWithin(book: OrderBook, side: OrderSide, maxSlippage: Decimal): BaseSize {
  const levels = levelsFor(book, side);
  const best = levels[0]?.price;
  if (!best) return baseSize(ZERO);
  const most = best.times(maxSlippage);
  const inside = levels.filter((level) => level.price.minus(best).abs().lte(most));
  return baseSize(inside.reduce((total, level) => total.plus(level.sizeBase), ZERO));
}
