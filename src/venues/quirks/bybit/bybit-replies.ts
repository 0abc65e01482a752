import type { bybit } from "ccxt";
import { RetryableError } from "#src/core/errors.ts";
import type { EpochMs } from "#src/core/units.ts";
import { millis, type Row, row, rows, textOrNull } from "#src/venues/ccxt/row.ts";

export type Bybit = bybit;

/** Anything else is not a linear perpetual's money here. */
export const SETTLE_COINS = ["USDT", "USDC"] as const;

/** Longest stretch that one request about the past may cover. */
const WINDOW_MS = 7 * 86_400_000;
/** Nothing older is kept. */
const KEPT_MS = 730 * 86_400_000;

type Ask = (params: Record<string, string | number>) => Promise<unknown>;

/** What a reply carries; ccxt has thrown already when its code was not 0. */
export function resultOf(reply: unknown): Row {
  return row(row(reply, "reply")["result"], "result");
}

export function listOf(reply: unknown): readonly Row[] {
  return rows(resultOf(reply)["list"], "list");
}

/** The one row that was asked for. */
export function onlyRowOf(reply: unknown): Row {
  const [only] = listOf(reply);
  if (!only) throw new RetryableError("the list is empty");
  return only;
}

/** Every row of every page. A full-looking cursor may still lead to an empty page: that is the end. */
export async function allPages(ask: Ask, params: Parameters<Ask>[0]): Promise<readonly Row[]> {
  return (await readPages(ask, params)).found;
}

/**
 * Every row from `since` to now, in windows that the venue allows. Neighbours share a millisecond, so that
 * nothing falls between them: callers drop what they see twice.
 */
export async function allWindows(
  ask: Ask,
  params: Parameters<Ask>[0],
  span: { readonly since: EpochMs; readonly now: EpochMs },
): Promise<readonly Row[]> {
  const all: Row[] = [];
  let start = Math.max(span.since, span.now - KEPT_MS);
  for (;;) {
    const window = { startTime: start, endTime: start + WINDOW_MS };
    const { found, venueTime } = await readPages(ask, { ...params, ...window });
    all.push(...found);
    if (window.endTime >= venueTime) return all;
    start = window.endTime;
  }
}

async function readPages(
  ask: Ask,
  params: Parameters<Ask>[0],
): Promise<{ readonly found: readonly Row[]; readonly venueTime: EpochMs }> {
  const found: Row[] = [];
  const cursors = new Set<string>();
  let cursor: string | null = null;
  for (;;) {
    const reply = await ask(cursor === null ? params : { ...params, cursor });
    const page = listOf(reply);
    found.push(...page);
    cursor = textOrNull(resultOf(reply), "nextPageCursor");
    if (cursor === null || page.length === 0) {
      return { found, venueTime: millis(row(reply, "reply"), "time") };
    }
    if (cursors.has(cursor)) throw new RetryableError("the pages go round in circles");
    cursors.add(cursor);
  }
}
