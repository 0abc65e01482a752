import type { binanceusdm } from "ccxt";
import type { Price } from "#src/core/units.ts";
import { decimal, row } from "#src/venues/ccxt/row.ts";
import { midOf } from "#src/venues/quirks/shared/mid-of.ts";

/** USDT for one USDC on its spot market. */
export async function usdcOnBinance(api: binanceusdm): Promise<Price> {
  const ticker = row(await api.publicGetTickerBookTicker({ symbol: "USDCUSDT" }), "bookTicker");
  return midOf(decimal(ticker, "bidPrice"), decimal(ticker, "askPrice"));
}
