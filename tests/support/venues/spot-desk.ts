import { type Decimal, dec, maxOf, minOf, ZERO } from "#src/core/decimal.ts";

export interface DeskOrder {
  readonly orderId: string;
  readonly clientId: string;
  readonly coin: string;
  readonly side: "buy" | "sell";
  readonly qty: Decimal;
  readonly limit: Decimal;
  readonly mayBorrow: boolean;
  readonly at: number;
  filled: Decimal;
  status: "open" | "filled" | "cancelled";
}

export interface DeskTrade {
  readonly id: string;
  readonly order: DeskOrder;
  readonly size: Decimal;
  readonly price: Decimal;
  readonly fee: Decimal;
  readonly feeCoin: string;
  readonly isMaker: boolean;
  readonly at: number;
}

type Refusal = "duplicate" | "balance";

/**
 * A venue's spot market without a protocol: balances (negative is owed), a book that is the same for ever, and
 * fees that are taken in what is received. Everything is gross, as venues tell it.
 */
export class SpotDesk {
  fee = dec("0.001");
  readonly balances = new Map<string, Decimal>([["USDT", dec("100000")]]);
  readonly orders: DeskOrder[] = [];
  readonly trades: DeskTrade[] = [];
  /** Per coin, of venues' own units. */
  readonly prices: ReadonlyMap<string, Decimal>;
  /** Whether the account itself may borrow, whatever its key may. */
  lends = true;
  /** What perps beside it have lost and not realised, in dollars. */
  perpLoss = ZERO;
  /** Sizes at the best, the second and every further level. */
  levelSize = dec("0.0137");
  #count = 0;

  constructor(prices: Readonly<Record<string, string>>) {
    this.prices = new Map(Object.entries(prices).map(([coin, price]) => [coin, dec(price)]));
  }

  priceOf(coin: string): Decimal {
    return this.prices.get(coin) ?? dec("1");
  }

  of(coin: string): Decimal {
    return this.balances.get(coin) ?? ZERO;
  }

  /** Levels that an order of this side would take, best first. */
  levels(coin: string, side: "buy" | "sell"): readonly { price: Decimal; size: Decimal }[] {
    const tick = this.priceOf(coin).times("0.0001");
    return Array.from({ length: 60 }, (_, n) => {
      const away = tick.times(String(n + 1));
      const price = this.priceOf(coin);
      return { price: side === "buy" ? price.plus(away) : price.minus(away), size: this.levelSize };
    });
  }

  place(
    wish: Pick<DeskOrder, "clientId" | "coin" | "side" | "qty" | "limit" | "mayBorrow"> & {
      readonly rests: boolean;
    },
  ): DeskOrder | Refusal {
    const { rests, ...words } = wish;
    if (this.orders.some((one) => one.clientId === wish.clientId)) return "duplicate";
    const needs = wish.side === "buy" ? wish.qty.times(wish.limit) : wish.qty;
    const has = maxOf(ZERO, this.of(wish.side === "buy" ? "USDT" : wish.coin));
    if (!wish.mayBorrow && needs.gt(has)) return "balance";
    this.#count += 1;
    const orderId = String(7_000_000 + this.#count);
    const order: DeskOrder = { ...words, orderId, at: Date.now(), filled: ZERO, status: "open" };
    this.orders.push(order);
    this.#match(order);
    const isFull = order.filled.eq(order.qty);
    order.status = isFull ? "filled" : rests ? "open" : "cancelled";
    return order;
  }

  cancel(matches: (order: DeskOrder) => boolean): readonly DeskOrder[] {
    const gone = this.orders.filter((one) => one.status === "open" && matches(one));
    for (const one of gone) one.status = "cancelled";
    return gone;
  }

  move(coin: string, amount: Decimal): void {
    this.balances.set(coin, this.of(coin).plus(amount));
  }

  #match(order: DeskOrder): void {
    for (const { price, size } of this.levels(order.coin, order.side)) {
      const crosses = order.side === "buy" ? price.lte(order.limit) : price.gte(order.limit);
      const left = order.qty.minus(order.filled);
      if (!crosses || left.eq(ZERO)) return;
      this.#trade(order, minOf(left, size), price);
    }
  }

  #trade(order: DeskOrder, size: Decimal, price: Decimal): void {
    const [buys, value] = [order.side === "buy", size.times(price)];
    const fee = (buys ? size : value).times(this.fee);
    order.filled = order.filled.plus(size);
    this.move(order.coin, buys ? size.minus(fee) : size.neg());
    this.move("USDT", buys ? value.neg() : value.minus(fee));
    this.trades.push({
      ...{ id: String(900_000 + this.trades.length), order, size, price, fee },
      ...{ feeCoin: buys ? order.coin : "USDT", isMaker: false, at: Date.now() },
    });
  }
}
