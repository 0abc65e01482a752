import { RetryableError } from "#src/core/errors.ts";
import type { EpochMs } from "#src/core/units.ts";
import { millis, type Row, rows } from "#src/venues/ccxt/row.ts";

/** 90 days are within reach, and what asks for more gets nothing (-4166): less what it takes to arrive. */
const REACH_MS = 90 * 86_400_000 - 3_600_000;

/** Rows come oldest first and cut at `limit`; `until` is null for everything up to now. */
interface PagedQuery {
  readonly what: string;
  readonly since: EpochMs;
  readonly now: EpochMs;
  /** The longest stretch that one request may cover; null where there is no bound. */
  readonly stretchMs: number | null;
  readonly limit: number;
  readonly timeField: string;
  idOf(of: Row): string;
  ask(since: EpochMs, until: EpochMs | null): Promise<unknown>;
}

/**
 * All rows since a moment, each once. A page may end in the middle of one millisecond, so the next one
 * starts with that millisecond again.
 */
export async function readPages(query: PagedQuery): Promise<readonly Row[]> {
  const { what, limit, timeField, stretchMs, now } = query;
  const found = new Map<string, Row>();
  for (let since = Math.max(query.since, now - REACH_MS); ; ) {
    const isLast = stretchMs === null || since + stretchMs > now;
    const until = isLast ? null : since + stretchMs - 1;
    const page = rows(await query.ask(since, until), what);
    for (const one of page) found.set(query.idOf(one), one);
    if (page.length >= limit) {
      const last = Math.max(...page.map((one) => millis(one, timeField)));
      if (last <= since) throw new RetryableError(`${what}: more than ${limit} at one moment`);
      since = last;
    } else if (until === null) {
      return [...found.values()];
    } else {
      since = until + 1;
    }
  }
}
