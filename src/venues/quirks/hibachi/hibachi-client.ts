import type { Exchange, hibachi } from "ccxt";
import { decFromInteger } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import type { EpochMs } from "#src/core/units.ts";
import type { Listings } from "#src/venues/ccxt/driver.ts";
import { decimal, type Row, row, rows, text } from "#src/venues/ccxt/row.ts";
import { type Units, unitsOf } from "#src/venues/quirks/shared/units-of.ts";

export type Hibachi = hibachi;

/** The profile names this class, so it is what was loaded. */
export function asHibachi(exchange: Exchange): Hibachi {
  return exchange as Hibachi;
}

export async function accountRow(exchange: Hibachi): Promise<Row> {
  const { accountId } = exchange;
  return row(await exchange.privateGetTradeAccountInfo({ accountId }), "account");
}

/** The contracts, by symbol, and whether the whole exchange trades normally. */
export async function exchangeInfo(exchange: Hibachi): Promise<{
  readonly contracts: ReadonlyMap<string, Row>;
  readonly feeConfig: Row;
  readonly isNormal: boolean;
}> {
  const answer = row(await exchange.publicGetMarketExchangeInfo(), "exchange info");
  const contracts = rows(answer["futureContracts"], "contracts");
  return {
    contracts: new Map(contracts.map((one) => [text(one, "symbol"), one])),
    feeConfig: row(answer["feeConfig"], "fees"),
    isNormal: text(answer, "status") === "NORMAL",
  };
}

export function contractRow(contracts: ReadonlyMap<string, Row>, symbol: string): Row {
  const found = contracts.get(symbol);
  if (!found) throw new RetryableError(`${symbol} is not among the contracts`);
  return found;
}

/** Times come in seconds, sometimes with a fraction. */
export function secondsAsMillis(from: Row, key: string): EpochMs {
  const millis = decimal(from, key).times(decFromInteger(1_000)).round(0, 0);
  return Number(millis.toFixed());
}

/** Also of a contract that is not traded any more: what is held or was filled there stays visible. */
export function hibachiUnits(listings: Listings, symbol: string): Units {
  return unitsOf(listings, symbol, symbol.replace(/\/.*$/, ""));
}

/** 18 digits: a number that JSON made a float of names another order. */
export function orderIdIn(from: Row, key: string): string {
  const value = from[key];
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    throw new RetryableError(`${key} has lost digits`);
  }
  return text(from, key);
}
