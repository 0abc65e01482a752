import { dec } from "#src/core/decimal.ts";
import type { VenueId } from "#src/core/instrument.ts";
import type { OrderReport, OrderRequest } from "#src/core/order.ts";
import { baseSize, price } from "#src/core/units.ts";
import type { PaperEngine } from "#src/venues/paper/paper-engine.ts";

export type Fields = Readonly<Record<string, unknown>>;

const FIRST_ORDER = 300_000_000_000_000_000n;
const TIMES_IN_FORCE: Readonly<Record<string, OrderRequest["timeInForce"]>> = {
  ioc: "ioc",
  limit: "gtc",
  post_only: "postOnly",
};

/** Numbers of orders by the engine's ids, and what the engine would not keep. */
export class OkxOrders {
  readonly #engine: PaperEngine;
  readonly #venue: VenueId;
  readonly #ids: string[] = [];
  /** Post-only orders that would have taken: this venue accepts and then cancels them. */
  readonly takenBack = new Map<
    string,
    { readonly report: OrderReport; readonly request: OrderRequest }
  >();

  constructor(engine: PaperEngine, venue: VenueId) {
    this.#engine = engine;
    this.#venue = venue;
  }

  ordIdOf(engineId: string): string {
    if (!this.#ids.includes(engineId)) this.#ids.push(engineId);
    return String(FIRST_ORDER + BigInt(this.#ids.indexOf(engineId)));
  }

  /** "" for an order that was given none. */
  wireIdOf(engineId: string): string {
    return engineId.startsWith("?") ? "" : engineId;
  }

  freshId(): string {
    return `?${this.#ids.length}`;
  }

  find({ instId, ordId, clOrdId }: Fields) {
    const known = [...this.#engine.state.orders.values(), ...this.takenBack.values()];
    return known.find(
      ({ request }) =>
        request.symbol === instId &&
        (ordId ? this.ordIdOf(request.clientOrderId) === ordId : request.clientOrderId === clOrdId),
    );
  }

  requestOf(order: Fields, contractSize: ReturnType<typeof dec>): OrderRequest | null {
    const timeInForce = TIMES_IN_FORCE[String(order["ordType"])];
    const { side, instId, sz, px, clOrdId } = order;
    if (!timeInForce || (side !== "buy" && side !== "sell") || order["tdMode"] !== "cross")
      return null;
    if (typeof sz !== "string" || typeof px !== "string") return null;
    return {
      ...{ venue: this.#venue, symbol: String(instId), side, timeInForce },
      clientOrderId: typeof clOrdId === "string" && clOrdId !== "" ? clOrdId : this.freshId(),
      sizeBase: baseSize(dec(sz).times(contractSize)),
      limitPrice: price(px),
      reduceOnly: order["reduceOnly"] === true || order["reduceOnly"] === "true",
      // The deadline was met on arrival; what rests here has none.
      expiresAt: Number.MAX_SAFE_INTEGER,
    };
  }
}
