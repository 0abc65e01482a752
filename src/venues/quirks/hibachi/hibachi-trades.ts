import { RetryableError } from "#src/core/errors.ts";
import type { EpochMs } from "#src/core/units.ts";
import { type Row, text } from "#src/venues/ccxt/row.ts";
import { secondsAsMillis } from "./hibachi-client.ts";

/** The venue lists the newest hundred trades, without pages. */
const LISTED = 100;
const KEPT = 5_000;

/**
 * What was read is kept: as long as each new list meets the one before, all of them together have no gap. Asked
 * for more than that, it throws: a list that is cut short must not be taken for the whole.
 */
export class TradeArchive {
  readonly #read: () => Promise<readonly Row[]>;
  #byId = new Map<string, Row>();
  /** Everything after it is here. */
  #completeAfter: EpochMs = Number.POSITIVE_INFINITY;

  constructor(read: () => Promise<readonly Row[]>) {
    this.#read = read;
  }

  /** Every trade from then on. */
  async since(since: EpochMs): Promise<readonly Row[]> {
    const all = await this.known();
    // Stamps are whole seconds.
    if (this.#completeAfter >= secondOf(since)) {
      throw new RetryableError("more trades than the venue lists since then");
    }
    return all.filter((one) => secondsAsMillis(one, "timestamp") >= secondOf(since));
  }

  /** As many as are known, without a gap. */
  async known(): Promise<readonly Row[]> {
    const listed = await this.#read();
    const isWhole = listed.length < LISTED;
    const meets = listed.some((one) => this.#byId.has(text(one, "id")));
    if (!meets && !isWhole) this.#byId = new Map();
    if (isWhole) this.#completeAfter = Number.NEGATIVE_INFINITY;
    else if (!meets) this.#completeAfter = oldestOf(listed);
    for (const one of listed) this.#byId.set(text(one, "id"), one);
    this.#trim();
    return [...this.#byId.values()];
  }

  #trim(): void {
    if (this.#byId.size <= KEPT) return;
    const newestFirst = [...this.#byId].toSorted(
      ([, a], [, b]) => secondsAsMillis(b, "timestamp") - secondsAsMillis(a, "timestamp"),
    );
    this.#byId = new Map(newestFirst.slice(0, KEPT));
    this.#completeAfter = oldestOf([...this.#byId.values()]);
  }
}

function oldestOf(trades: readonly Row[]): EpochMs {
  return Math.min(...trades.map((one) => secondsAsMillis(one, "timestamp")));
}

function secondOf(at: EpochMs): EpochMs {
  return Math.floor(at / 1_000) * 1_000;
}
