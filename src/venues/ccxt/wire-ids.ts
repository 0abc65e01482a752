import type { OrderName, Quirks } from "./driver.ts";

/**
 * Our order ids in the venue's form, and back. Forms that are hashes cannot be turned back, so what was
 * once ours is remembered; after a restart `ours` says what to remember.
 */
export class WireIds {
  readonly #toWire: Quirks["wireIdOf"];
  readonly #ours: () => Iterable<string>;
  readonly #known = new Map<string, string>();
  readonly #venueIds = new Map<string, string>();
  #loaded = false;

  constructor(toWire: Quirks["wireIdOf"], ours: () => Iterable<string>) {
    this.#toWire = toWire;
    this.#ours = ours;
  }

  toWire(clientOrderId: string): string {
    const wireId = this.#toWire(clientOrderId);
    if (wireId !== "") this.#known.set(wireId, clientOrderId);
    return wireId;
  }

  /** Ours when it is ours, else as it came: somebody else's order. */
  fromWire(wireId: string): string {
    if (wireId === "") return "";
    if (!this.#known.has(wireId) && !this.#loaded) {
      this.#loaded = true;
      for (const id of this.#ours()) this.toWire(id);
    }
    return this.#known.get(wireId) ?? wireId;
  }

  /** What the venue called it in its answer, for venues that can be asked by nothing else. */
  noteVenueId(clientOrderId: string, venueOrderId: string): void {
    this.#venueIds.set(clientOrderId, venueOrderId);
  }

  nameOf(clientOrderId: string): OrderName {
    const venueOrderId = this.#venueIds.get(clientOrderId) ?? "";
    return { wireId: this.toWire(clientOrderId), venueOrderId };
  }
}
