import type { dydx, Exchange } from "ccxt";
import { RetryableError } from "#src/core/errors.ts";
import type { EpochMs } from "#src/core/units.ts";
import type { Listings } from "#src/venues/ccxt/driver.ts";
import { decimal, type Row, row, text } from "#src/venues/ccxt/row.ts";
import { type Units, unitsOf } from "#src/venues/quirks/shared/units-of.ts";

export type Dydx = dydx;

/** The account's first subaccount: cross margin, where the front end puts deposits. */
export const SUBACCOUNT = 0;

/** The profile names this class, so it is what was loaded. */
export function asDydx(exchange: Exchange): Dydx {
  return exchange as Dydx;
}

/** Address and subaccount, as every private read of the indexer wants them. */
export function ofAccount({ walletAddress }: Dydx): {
  readonly address: string;
  readonly subaccountNumber: number;
} {
  return { address: walletAddress, subaccountNumber: SUBACCOUNT };
}

/** Also of a market that is not traded any more: what is held or was filled there stays visible. */
export function dydxUnits(listings: Listings, ticker: string): Units {
  return unitsOf(listings, ticker, ticker.replace(/-USD$/, ""));
}

/** The indexer writes times as ISO text. */
export function isoMillis(from: Row, key: string): EpochMs {
  const at = Date.parse(text(from, key));
  if (!Number.isSafeInteger(at)) throw new RetryableError(`${key} is not a time`);
  return at;
}

/** Every market's row, or only that of one, by ticker. */
export async function marketRows(
  exchange: Dydx,
  ticker?: string,
): Promise<ReadonlyMap<string, Row>> {
  const answer = await exchange.indexerGetPerpetualMarkets(
    ticker === undefined ? {} : { market: ticker },
  );
  const markets = row(answer["markets"], "markets");
  return new Map(Object.entries(markets).map(([key, value]) => [key, row(value, key)]));
}

export function marketRow(markets: ReadonlyMap<string, Row>, ticker: string): Row {
  const found = markets.get(ticker);
  if (!found) throw new RetryableError(`${ticker} is not among the markets`);
  return found;
}

/** The last block that the indexer has read; what happened in it, it knows. */
export async function indexedHeight(exchange: Dydx): Promise<number> {
  return wholeNumber(row(await exchange.indexerGetHeight(), "height"), "height");
}

/** The last block of the chain itself. */
export async function chainHeight(exchange: Dydx): Promise<number> {
  const answer = row(await exchange.nodeRpcGetAbciInfo(), "abci_info");
  const { response } = row(answer["result"], "abci_info");
  return wholeNumber(row(response, "abci_info"), "last_block_height");
}

function wholeNumber(from: Row, key: string): number {
  const value = Number(decimal(from, key).toFixed());
  if (!Number.isSafeInteger(value)) throw new RetryableError(`${key} is not a whole number`);
  return value;
}
