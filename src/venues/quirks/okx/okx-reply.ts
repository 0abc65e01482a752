import { RetryableError } from "#src/core/errors.ts";
import type { OrderSide } from "#src/core/order.ts";
import { type Row, row, rows, text } from "#src/venues/ccxt/row.ts";

/** The rows of an answer; ccxt has already thrown when its code was not 0. */
export function okxRows(answer: unknown, what: string): readonly Row[] {
  return rows(row(answer, what)["data"], what);
}

/** The one row of an answer about one thing. */
export function okxRow(answer: unknown, what: string): Row {
  const [only, ...more] = okxRows(answer, what);
  if (!only || more.length > 0) throw new RetryableError(`${what}: not exactly one row`);
  return only;
}

const PAGE = 100;

/**
 * All rows of a list that goes back in time, newest first: each page is asked for by the last row's id, and
 * none any more when that is null.
 */
export async function okxPages(
  read: (page: Readonly<Record<string, string>>) => Promise<unknown>,
  idOf: (last: Row) => string | null,
  what: string,
): Promise<readonly Row[]> {
  const all: Row[] = [];
  let after: string | null = null;
  for (;;) {
    const limit = { limit: String(PAGE) };
    const page = okxRows(await read(after === null ? limit : { ...limit, after }), what);
    all.push(...page);
    const last = page.at(-1);
    if (!last || page.length < PAGE) return all;
    const next = idOf(last);
    if (next === null) return all;
    // A page that starts where the last one did would go on for ever.
    if (next === after) throw new RetryableError(`${what}: pages do not end`);
    after = next;
  }
}

/** What may be anything: a mutation's answer, or ccxt's copy of a listing. */
export function isOkxRow(value: unknown): value is Row {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function okxSide(from: Row): OrderSide {
  const side = text(from, "side");
  if (side !== "buy" && side !== "sell") throw new RetryableError(`unknown side ${side}`);
  return side;
}
