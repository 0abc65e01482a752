import type { EpochMs } from "#src/core/units.ts";
import { millis, millisOrNull, type Row, text, textOrNull } from "#src/venues/ccxt/row.ts";
import { type Ask, type Page, pageOf } from "./pacifica-api.ts";

/**
 * The venue's numbers of orders by our ids. No call takes our id, there is only the history of all orders,
 * newest first, and a page of it costs a tenth of what a minute allows. So what was read is kept, and a look
 * that breaks off is gone on with by the next one.
 */
export class OrderNumbers {
  readonly #ask: Ask;
  readonly #byWireId = new Map<string, string>();
  readonly #numbers = new Set<string>();
  /** The oldest page so far; null before the first. */
  #oldest: Page | null = null;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** Null when no order since then has this id; `since` is null when nobody knows when it was placed. */
  async find(wireId: string, since: EpochMs | null): Promise<string | null> {
    await this.#readNewer();
    while (!this.#byWireId.has(wireId)) {
      const oldest = this.#oldest;
      if (!oldest || oldest.next === null || endsBefore(oldest, since)) break;
      this.#oldest = await pageOf(this.#ask, oldest.next);
      this.#note(this.#oldest.rows);
    }
    return this.#byWireId.get(wireId) ?? null;
  }

  /** What came since the last look, all or nothing: a gap would never be noticed. */
  async #readNewer(): Promise<void> {
    const newer: Row[] = [];
    let page = await pageOf(this.#ask, null);
    newer.push(...page.rows);
    while (this.#oldest && page.next !== null && !page.rows.some((one) => this.#knows(one))) {
      page = await pageOf(this.#ask, page.next);
      newer.push(...page.rows);
    }
    this.#oldest ??= page;
    this.#note(newer);
  }

  #knows(one: Row): boolean {
    return this.#numbers.has(text(one, "order_id"));
  }

  #note(rows: readonly Row[]): void {
    for (const one of rows) {
      const number = text(one, "order_id");
      this.#numbers.add(number);
      const wireId = textOrNull(one, "client_order_id");
      if (wireId !== null) this.#byWireId.set(wireId, number);
    }
  }
}

/** Whether it is sorted by when orders were placed or last changed, everything behind its last row is older. */
function endsBefore({ rows }: Page, since: EpochMs | null): boolean {
  const last = rows.at(-1);
  if (!last || since === null) return false;
  return Math.max(millis(last, "created_at"), millisOrNull(last, "updated_at") ?? 0) < since;
}
