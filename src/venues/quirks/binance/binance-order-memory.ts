import type { EpochMs } from "#src/core/units.ts";
import { millisOrNull, type Row, row, text } from "#src/venues/ccxt/row.ts";
import { thrownCode } from "./binance-units.ts";

const NO_SUCH_ORDER = "-2013";

/** What this process learned of orders: Binance's trades name only their numbers. */
export class OrderMemory {
  readonly #read: (which: { symbol: string; orderId: string }) => Promise<unknown>;
  readonly #symbols = new Set<string>();
  readonly #clientIds = new Map<string, string>();
  readonly #times = new Map<string, EpochMs | null>();

  /** `read`: how an order of its account is asked for. */
  constructor(read: (which: { symbol: string; orderId: string }) => Promise<unknown>) {
    this.#read = read;
  }

  /** Everything that orders were placed, asked for or seen on. */
  get symbols(): ReadonlySet<string> {
    return this.#symbols;
  }

  touch(symbol: string): void {
    this.#symbols.add(symbol);
  }

  name(symbol: string, venueOrderId: string, clientOrderId: string): void {
    this.#clientIds.set(`${symbol}:${venueOrderId}`, clientOrderId);
  }

  note(order: Row): void {
    const [symbol, venueOrderId] = [text(order, "symbol"), text(order, "orderId")];
    this.touch(symbol);
    this.name(symbol, venueOrderId, text(order, "clientOrderId"));
    this.#times.set(`${symbol}:${venueOrderId}`, millisOrNull(order, "time"));
  }

  /** When it was placed; null when nobody said. */
  placedAt(symbol: string, venueOrderId: string): EpochMs | null {
    return this.#times.get(`${symbol}:${venueOrderId}`) ?? null;
  }

  /** The client id of an order by its number, asked for once; "" when the venue forgot the order. */
  async clientIdOf(symbol: string, venueOrderId: string): Promise<string> {
    const known = this.#clientIds.get(`${symbol}:${venueOrderId}`);
    if (known !== undefined) return known;
    try {
      this.note(row(await this.#read({ symbol, orderId: venueOrderId }), "order"));
    } catch (error) {
      if (thrownCode(error) !== NO_SUCH_ORDER) throw error;
      this.name(symbol, venueOrderId, "");
    }
    return this.#clientIds.get(`${symbol}:${venueOrderId}`) ?? "";
  }
}
