import type { OrderRequest } from "#src/core/order.ts";

export interface Placing {
  readonly wireId: string;
  readonly request: OrderRequest;
  /** Signed with it: the venue looks an order up by it, also when its answer was lost. */
  readonly nonce: number;
  /** Null until it was acknowledged. */
  orderId: string | null;
}

/** Placed orders that are remembered; the venue lists no more trades than this either. */
const MOST = 10_000;

/** Hibachi takes no client ids. Which order is whose is known only here, and only until a restart. */
export class HibachiMemory {
  readonly #byWireId = new Map<string, Placing>();
  readonly #byOrderId = new Map<string, Placing>();

  noteSent(wireId: string, request: OrderRequest, nonce: number): void {
    this.#byWireId.set(wireId, { wireId, request, nonce, orderId: null });
    const [oldest] = this.#byWireId;
    if (this.#byWireId.size > MOST && oldest) this.#forget(oldest[1]);
  }

  noteAcknowledged(wireId: string, orderId: string): void {
    const placing = this.#byWireId.get(wireId);
    if (!placing) return;
    placing.orderId = orderId;
    this.#byOrderId.set(orderId, placing);
  }

  ofWireId(wireId: string): Placing | null {
    return this.#byWireId.get(wireId) ?? null;
  }

  ofOrderId(orderId: string): Placing | null {
    return this.#byOrderId.get(orderId) ?? null;
  }

  #forget({ wireId, orderId }: Placing): void {
    this.#byWireId.delete(wireId);
    if (orderId !== null) this.#byOrderId.delete(orderId);
  }
}
