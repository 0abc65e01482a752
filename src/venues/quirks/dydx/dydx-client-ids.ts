import { text } from "#src/venues/ccxt/row.ts";
import type { Dydx } from "./dydx-client.ts";
import { latestRows, orderRow } from "./dydx-order-rows.ts";

/** Which client id an order of the indexer has: fills name its own id only. Asked for once an order. */
export class ClientIds {
  readonly #exchange: Dydx;
  readonly #known = new Map<string, string>();

  constructor(exchange: Dydx) {
    this.#exchange = exchange;
  }

  note(orderId: string, clientId: string): void {
    this.#known.set(orderId, clientId);
  }

  async of(orderIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const unknown = () => [...new Set(orderIds)].filter((id) => !this.#known.has(id));
    // One list names most of them; it does not reach back for ever.
    if (unknown().length > 1) {
      for (const one of await latestRows(this.#exchange)) {
        this.note(text(one, "id"), text(one, "clientId"));
      }
    }
    await Promise.all(unknown().map((id) => this.#ask(id)));
    return this.#known;
  }

  async #ask(orderId: string): Promise<void> {
    const found = await orderRow(this.#exchange, orderId);
    if (found) this.note(orderId, text(found, "clientId"));
  }
}
