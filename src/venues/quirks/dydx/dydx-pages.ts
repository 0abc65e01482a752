import { RetryableError } from "#src/core/errors.ts";
import type { Row } from "#src/venues/ccxt/row.ts";

const PAGE = 100;

/**
 * Every row over the indexer's numbered pages, newest first, down to a page without a recent one. New rows push
 * the rest on by some places: what is seen twice is told once.
 */
export async function dydxPages(
  ask: (page: { readonly limit: number; readonly page: number }) => Promise<readonly Row[]>,
  idOf: (row: Row) => string,
  isRecent: (row: Row) => boolean = () => true,
): Promise<readonly Row[]> {
  const found = new Map<string, Row>();
  for (let page = 1; ; page += 1) {
    const all = await ask({ limit: PAGE, page });
    const recent = all.filter(isRecent);
    const before = found.size;
    for (const one of recent) found.set(idOf(one), one);
    if (all.length < PAGE || recent.length === 0) return [...found.values()];
    if (found.size === before) throw new RetryableError("the next page is the same page");
  }
}
