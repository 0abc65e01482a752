import type { Exchange, extended } from "ccxt";
import { RetryableError } from "#src/core/errors.ts";
import { currentCall } from "#src/venues/ccxt/call-context.ts";
import { decimalOrNull, type Row, row, rows, textOrNull } from "#src/venues/ccxt/row.ts";

type Reads =
  | "v1PublicGetInfoMarkets"
  | "v1PublicGetInfoMarketsMarketStats"
  | "v1PublicGetInfoMarketsMarketOrderbook"
  | "v1PublicGetInfoMarketFunding"
  | "v1PrivateGetUserBalance"
  | "v1PrivateGetUserPositions"
  | "v1PrivateGetUserLeverage"
  | "v1PrivateGetUserFees"
  | "v1PrivateGetUserFundingHistory"
  | "v1PrivateGetUserOrders"
  | "v1PrivateGetUserOrdersId"
  | "v1PrivateGetUserOrdersExternalExternalId"
  | "v1PrivateGetUserTrades"
  | "v1PrivateGetUserAssetOperations"
  | "fetchExtendedAccount"
  | "extendedStarknetSign"
  | "getExtendedDomainHash"
  | "milliseconds"
  | "seconds"
  | "loadMarkets"
  | "markets_by_id"
  | "last_response_headers"
  | "privateKey";

type Writes =
  | "nonce"
  | "v1PrivatePostUserOrder"
  | "v1PrivatePostUserOrderMassCancel"
  | "v1PrivatePatchUserLeverage";

type Params = Readonly<Record<string, unknown>>;

/** All that is used of ccxt. Its types want amounts as numbers; what it is given here is the exact text. */
export type Extended = Pick<extended, Reads | Writes> & {
  createOrder(
    ...order: [symbol: string, type: "limit", side: string, amount: string, price: string, Params]
  ): Promise<unknown>;
  cancelOrder(id: string | undefined, symbol: string, params: Params): Promise<unknown>;
};

/** The profile names this class, so it is what was loaded. */
export function asExtended(exchange: Exchange): Extended {
  return exchange as unknown as Extended;
}

/** What a reply carries. ccxt has thrown already when its status was not OK. */
export function dataOf(reply: unknown): Row {
  return row(row(reply, "reply")["data"], "data");
}

export function listOf(reply: unknown): readonly Row[] {
  return rows(row(reply, "reply")["data"], "data");
}

/** The one row of this market, whatever else came with it. */
export function marketRowOf(reply: unknown, market: string, field: string): Row {
  const found = listOf(reply).find((one) => textOrNull(one, field) === market);
  if (!found) throw new RetryableError(`${market} is not in the answer`);
  return found;
}

/** "BTC" of "BTC-USD". */
export function baseOf(market: string): string {
  return market.replace(/-[^-]*$/, "");
}

const PAGE = 100;
/** More than this is not history, it is a cursor that goes round. */
const MOST_PAGES = 500;

/**
 * Every row, newest first, down to a page that has nothing from `since` on. Pages are cut by id, so rows of
 * one millisecond may lie on two of them.
 */
export async function pagesSince(
  ask: (params: Readonly<Record<string, string | number>>) => Promise<unknown>,
  since: number,
  timeKey: string,
  limit = PAGE,
): Promise<readonly Row[]> {
  const found = new Map<string, Row>();
  let cursor: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const reply = row(await ask({ limit, ...(cursor ? { cursor } : {}) }), "reply");
    const list = listOf(reply);
    const recent = list.filter((one) => decimalOrNull(one, timeKey)?.gte(String(since)) ?? true);
    for (const [index, one] of recent.entries()) {
      found.set(textOrNull(one, "id") ?? `${page}:${index}`, one);
    }
    const next: string | null = textOrNull(row(reply["pagination"] ?? {}, "pagination"), "cursor");
    if (list.length === 0 || recent.length === 0 || next === null) return [...found.values()];
    if (next === cursor) throw new RetryableError("the next page is the same page");
    cursor = next;
  }
  throw new RetryableError("the history has no end");
}

/** It answers 404 in its own envelope for what does not exist; any other 404 is somebody on the way. */
export function venueSaysAbsent(): boolean {
  const reply = currentCall()?.reply;
  return reply?.httpStatus === 404 && errorOf(reply.body) !== null;
}

/** The error in a reply's body; null when it is not the venue's. */
export function errorOf(body: string): Row | null {
  try {
    const reply = row(JSON.parse(body), "reply");
    return textOrNull(reply, "status") === "ERROR" ? row(reply["error"], "error") : null;
  } catch {
    return null;
  }
}
