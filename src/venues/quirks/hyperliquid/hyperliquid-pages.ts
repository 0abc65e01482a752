import { RetryableError } from "#src/core/errors.ts";
import type { EpochMs } from "#src/core/units.ts";
import { millis, type Row } from "#src/venues/ccxt/row.ts";

/** The venue cuts an answer at 500 rows or distinct blocks, fills at 2000; a shorter one is whole. */
const SHORTEST_CUT = 500;
const MOST_PAGES = 100;

interface TimeRange {
  readonly startTime: EpochMs;
  readonly endTime?: EpochMs;
}

/**
 * Every row from `since` on, oldest first. The next page begins at the last row's own millisecond, because a
 * page may end in the middle of one; what comes twice is told by its id.
 */
export async function hyperliquidPages(
  ask: (range: TimeRange) => Promise<readonly Row[]>,
  since: EpochMs,
  idOf: (row: Row) => string,
): Promise<readonly Row[]> {
  const found = new Map<string, Row>();
  let range: TimeRange = { startTime: since };
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const rows = await ask(range);
    const before = found.size;
    for (const one of rows) found.set(idOf(one), one);
    if (rows.length < SHORTEST_CUT) return inOrder([...found.values()]);
    if (found.size === before) throw new RetryableError("one millisecond holds more than a page");
    range = rangeAfter(rows, since);
  }
  throw new RetryableError(`more than ${MOST_PAGES} pages since ${since}`);
}

/** Older answers came newest first: then what is missing lies before the last row. */
function rangeAfter(rows: readonly Row[], since: EpochMs): TimeRange {
  const [first, last] = [rows.at(0), rows.at(-1)].map((one) => (one ? millis(one, "time") : since));
  if (first === undefined || last === undefined) return { startTime: since };
  return first > last ? { startTime: since, endTime: last } : { startTime: last };
}

function inOrder(rows: Row[]): readonly Row[] {
  return rows.sort((a, b) => millis(a, "time") - millis(b, "time"));
}
