import { type Decimal, dec, minOf } from "#src/core/decimal.ts";
import { hibachiAccountInfo, hibachiFailed, hibachiOrder, hibachiTrade } from "./hibachi-rig.ts";
import type { LoopbackRequest } from "./loopback.ts";
import type { Answers } from "./scripted-venue.ts";

type Order = ReturnType<typeof hibachiOrder>;

/**
 * One BTC position and its orders, as Hibachi would keep them: what reduces is filled up to `depth` an order,
 * and its rest stays on the book until it is cancelled.
 */
export class HibachiWorld {
  position: Decimal;
  readonly orders: Order[] = [];
  readonly trades: ReturnType<typeof hibachiTrade>[] = [];
  readonly #depth: Decimal;
  #lastId = 589_636_801_329n;

  constructor(position: string, depth: string) {
    this.position = dec(position);
    this.#depth = dec(depth);
  }

  readonly answers: Answers = {
    "GET /trade/account/info": () => hibachiAccountInfo({ positions: this.#positions() }),
    "GET /trade/account/trades": () => ({ trades: this.trades }),
    "GET /trade/orders": () => this.orders.filter((one) => one.status === "PLACED"),
    "GET /trade/order": ({ url }: LoopbackRequest) =>
      this.#find(url.searchParams.get("orderId")) ?? hibachiFailed(3, "Not found: order ID", 404),
    "POST /trade/order": ({ body }: LoopbackRequest) => this.#place(JSON.parse(body)),
    "POST /trade/orders": ({ body }: LoopbackRequest) => ({
      orders: JSON.parse(body).orders.map((one: { orderId: string }) => this.#cancel(one.orderId)),
    }),
    "DELETE /trade/order": ({ body }: LoopbackRequest) => this.#cancel(JSON.parse(body).orderId),
    "GET /market/data/orderbook": {
      bid: { levels: [{ price: "107970", quantity: "5" }] },
      ask: { levels: [{ price: "107980", quantity: "5" }] },
    },
  };

  rest(over: Readonly<Record<string, unknown>>): void {
    this.orders.push(hibachiOrder({ orderId: this.#nextId(), ...over }));
  }

  #place(wish: Readonly<Record<string, string>>): object {
    const { side = "BID", quantity = "0", orderFlags } = wish;
    const sign = side === "BID" ? "1" : "-1";
    // Reduce-only takes no more than there is to reduce.
    const room = this.position.times(sign).lt("0") ? this.position.abs() : dec("0");
    const wanted = orderFlags === "REDUCE_ONLY" ? minOf(dec(quantity), room) : dec(quantity);
    const filled = minOf(wanted, this.#depth);
    const left = dec(quantity).minus(filled);
    this.position = this.position.plus(filled.times(sign));
    const orderId = this.#nextId();
    this.orders.push(
      hibachiOrder({
        ...{ orderId, side, totalQuantity: quantity, availableQuantity: left.toFixed() },
        ...{ status: left.gt("0") ? "PLACED" : "FILLED", orderFlags },
      }),
    );
    const ids = side === "BID" ? { bidOrderId: orderId } : { askOrderId: orderId };
    if (filled.gt("0")) {
      const others = side === "BID" ? { askOrderId: "1" } : { bidOrderId: "1" };
      this.trades.unshift(
        hibachiTrade({
          ...{ ...others, ...ids, id: this.trades.length + 1, quantity: filled.toFixed() },
          ...{ side: side === "BID" ? "Buy" : "Sell", timestamp: Math.floor(Date.now() / 1_000) },
        }),
      );
    }
    return { orderId };
  }

  #cancel(orderId: string): object {
    const found = this.#find(orderId);
    if (found?.status !== "PLACED") return { errorCode: 3, status: "failed", message: "Not found" };
    found.status = "CANCELLED";
    return { orderId };
  }

  #find(orderId: string | null): Order | undefined {
    return this.orders.find((one) => one.orderId === orderId);
  }

  #nextId(): string {
    this.#lastId += 1n;
    return `${this.#lastId}628160`;
  }

  #positions(): readonly object[] {
    if (this.position.eq("0")) return [];
    const quantity = this.position.abs();
    const direction = this.position.gt("0") ? "Long" : "Short";
    const notional = quantity.times("107977.67957").toFixed();
    return [
      {
        ...{ direction, symbol: "BTC/USDT-P", quantity: quantity.toFixed() },
        ...{ entryNotional: notional, notionalValue: notional },
        ...{ openPrice: "107743.86612", markPrice: "107977.67957" },
        ...{ unrealizedFundingPnl: "0", unrealizedTradingPnl: "0" },
      },
    ];
  }
}
