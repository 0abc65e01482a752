import type { Exchange, pacifica } from "ccxt";
import { RetryableError } from "#src/core/errors.ts";
import { decimalOrNull, type Row, row, rows, textOrNull } from "#src/venues/ccxt/row.ts";

type Uses =
  | "publicGetBook"
  | "publicGetInfoPrices"
  | "publicGetFundingRateHistory"
  | "publicGetAccount"
  | "publicGetAccountSettings"
  | "publicGetPositions"
  | "publicGetFundingHistory"
  | "publicGetOrders"
  | "publicGetOrdersHistory"
  | "publicGetOrdersHistoryById"
  | "publicGetTradesHistory"
  | "publicGetAccountBalanceHistory"
  | "cancelAllOrders"
  | "setLeverage"
  | "options"
  | "privateKey"
  | "walletAddress"
  | "base58ToBinary"
  | "binaryToBase58";

type Params = Readonly<Record<string, unknown>>;

/** All that is used of ccxt. Its types want amounts as numbers; what it is given here is the exact text. */
export type Pacifica = Pick<pacifica, Uses> & {
  createOrder(
    ...order: [symbol: string, type: "limit", side: string, amount: string, price: string, Params]
  ): Promise<unknown>;
  cancelOrder(id: string, symbol: string, params: Params): Promise<unknown>;
};

/** The profile names this class, so it is what was loaded. */
export function asPacifica(exchange: Exchange): Pacifica {
  return exchange as unknown as Pacifica;
}

/** What a reply carries; also where it carries it in a list of one. */
export function dataOf(reply: unknown): Row {
  const { data } = row(reply, "reply");
  return row(Array.isArray(data) ? data[0] : data, "data");
}

export function listOf(reply: unknown): readonly Row[] {
  return rows(row(reply, "reply")["data"], "data");
}

/** Reads are public: they say whose. */
export function accountOf(exchange: Pacifica): { readonly account: string } {
  if (!exchange.walletAddress) throw new RetryableError("there is no wallet address");
  return { account: exchange.walletAddress };
}

const PAGE = 100;
/** More than this is not history, it is a cursor that goes round. */
const MOST_PAGES = 200;

export type Ask = (params: Readonly<Record<string, string | number>>) => Promise<unknown>;

export interface Page {
  readonly rows: readonly Row[];
  /** Where the next older one is; null when there is none. */
  readonly next: string | null;
}

/** The newest page, or the one at a cursor. */
export async function pageOf(ask: Ask, cursor: string | null, limit = PAGE): Promise<Page> {
  const reply = row(await ask({ limit, ...(cursor ? { cursor } : {}) }), "reply");
  const rowsOfPage = listOf(reply);
  if (textOrNull(reply, "has_more") !== "true") return { rows: rowsOfPage, next: null };
  const next = textOrNull(reply, "next_cursor");
  if (next === null || next === cursor) throw new RetryableError("there is more, but not where");
  return { rows: rowsOfPage, next };
}

/**
 * Every row, newest first, down to a page that has nothing from `since` on. Pages are cut by a cursor, so
 * rows of one millisecond may lie on two of them.
 */
export async function rowsSince(ask: Ask, since: number, limit = PAGE): Promise<readonly Row[]> {
  const found: Row[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { rows: all, next }: Page = await pageOf(ask, cursor, limit);
    const recent = all.filter(
      (one) => decimalOrNull(one, "created_at")?.gte(String(since)) ?? true,
    );
    found.push(...recent);
    if (recent.length === 0 || next === null) return found;
    cursor = next;
  }
  throw new RetryableError("the history is too long to be read");
}
