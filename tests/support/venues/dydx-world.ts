import { type Decimal, dec, minOf } from "#src/core/decimal.ts";
import { broadcast, DYDX_HEIGHT, DYDX_KEY, dydxOrder, orderNotFound, readTx } from "./dydx-rig.ts";
import type { LoopbackRequest } from "./loopback.ts";
import type { Answers } from "./scripted-venue.ts";

type Order = ReturnType<typeof dydxOrder>;

const NAMESPACE = "0f9da948-a6fb-4c45-9edc-4685c3f3317d";
const BLOCK_MS = 100;

/**
 * One BTC position and its orders, as the chain and its indexer would keep them, with ten blocks a second. An
 * immediate order takes up to `depth`; one that takes nothing is never written down.
 */
export class DydxWorld {
  position: Decimal;
  readonly orders: Order[] = [];
  readonly fills: object[] = [];
  /** The next orders find an empty book. */
  emptyBooks = 0;
  readonly #depth: Decimal;
  readonly #startedAt = Date.now();

  constructor(position: string, depth: string) {
    this.position = dec(position);
    this.#depth = dec(depth);
  }

  readonly answers: Answers = {
    "GET /v4/height": () => ({ height: String(this.#height()), time: "" }),
    "GET /abci_info": () => ({
      ...{ jsonrpc: "2.0", id: -1 },
      result: { response: { last_block_height: String(this.#height()) } },
    }),
    "GET /v4/perpetualPositions": () => ({ positions: this.#positions() }),
    "GET /v4/fills": () => ({ fills: this.fills }),
    "GET /v4/orders": ({ url }: LoopbackRequest) => {
      const statuses = url.searchParams.get("status")?.split(",") ?? [];
      return this.orders.filter((one) => statuses.includes(one.status));
    },
    "GET /v4/orders/": ({ url }: LoopbackRequest) =>
      this.orders.find((one) => url.pathname.endsWith(one.id)) ?? orderNotFound(),
    "GET /v4/orderbooks/perpetualMarket/BTC-USD": {
      bids: [{ price: "118970", size: "5" }],
      asks: [{ price: "118980", size: "5" }],
    },
    "GET /broadcast_tx_sync": async ({ url }: LoopbackRequest) => this.#take(await readTx(url)),
  };

  rest(over: Readonly<Record<string, unknown>>): void {
    const id = crypto.randomUUID();
    this.orders.push(dydxOrder({ id, status: "OPEN", totalFilled: "0", ...over }));
  }

  #take({ typeUrl, value }: Awaited<ReturnType<typeof readTx>>): object {
    if (typeUrl.endsWith("MsgPlaceOrder")) return this.#place(value.order);
    const clientIds: readonly number[] = value.orderId
      ? [value.orderId.clientId]
      : value.shortTermCancels.flatMap((one: { clientIds: readonly number[] }) => one.clientIds);
    for (const order of this.orders) {
      if (order.status === "OPEN" && clientIds.includes(Number(order.clientId))) {
        order.status = order.orderFlags === "0" ? "BEST_EFFORT_CANCELED" : "CANCELED";
      }
    }
    return broadcast();
  }

  #place(sent: Awaited<ReturnType<typeof readTx>>["value"]): object {
    if (sent.goodTilBlock <= this.#height()) return broadcast({ code: 10, codespace: "clob" });
    const buys = sent.side === 1;
    const size = dec(sent.quantums.toString()).div("10000000000");
    if (sent.reduceOnly && this.position.times(buys ? "1" : "-1").gte("0")) {
      return broadcast({ code: 2001, codespace: "clob" });
    }
    this.emptyBooks -= 1;
    if (this.emptyBooks >= 0) return broadcast();
    const filled = minOf(size, this.#depth);
    this.position = this.position.plus(filled.times(buys ? "1" : "-1"));
    const { clientId, clobPairId, orderFlags } = sent.orderId;
    // As the indexer's own code derives it.
    const account = Bun.randomUUIDv5(`${DYDX_KEY.walletAddress}-0`, NAMESPACE);
    const id = Bun.randomUUIDv5(`${account}-${clientId}-${clobPairId}-${orderFlags}`, NAMESPACE);
    const side = buys ? "BUY" : "SELL";
    this.orders.push(
      dydxOrder({
        ...{ id, clientId: String(clientId), side, reduceOnly: sent.reduceOnly },
        ...{ size: size.toFixed(), totalFilled: filled.toFixed() },
        ...{ status: filled.eq(size) ? "FILLED" : "BEST_EFFORT_CANCELED" },
        goodTilBlock: String(sent.goodTilBlock),
      }),
    );
    this.fills.unshift({
      ...{ id: crypto.randomUUID(), orderId: id, side, liquidity: "TAKER", type: "LIMIT" },
      ...{ market: "BTC-USD", price: "118975", size: filled.toFixed(), fee: "0.01" },
      createdAt: new Date().toISOString(),
    });
    return broadcast();
  }

  #height(): number {
    return DYDX_HEIGHT + Math.floor((Date.now() - this.#startedAt) / BLOCK_MS);
  }

  #positions(): readonly object[] {
    if (this.position.eq("0")) return [];
    const side = this.position.gt("0") ? "LONG" : "SHORT";
    const size = this.position.toFixed();
    return [{ market: "BTC-USD", status: "OPEN", side, size, entryPrice: "118000" }];
  }
}
