import type { EpochMs } from "#src/core/units.ts";

const MOST = 1000;

/** When orders were placed, so that they and their fills are read from there on and not from the beginning. */
export class OrderTimes {
  readonly #times = new Map<string, EpochMs>();

  set(orderId: string, at: EpochMs): void {
    this.#times.set(orderId, Math.max(0, at));
    const [oldest] = this.#times.keys();
    if (this.#times.size > MOST && oldest !== undefined) this.#times.delete(oldest);
  }

  get(orderId: string): EpochMs | null {
    return this.#times.get(orderId) ?? null;
  }
}
