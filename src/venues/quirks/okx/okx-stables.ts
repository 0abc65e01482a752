import type { okx as OkxExchange } from "ccxt";
import type { Price } from "#src/core/units.ts";
import { decimal } from "#src/venues/ccxt/row.ts";
import { midOf } from "#src/venues/quirks/shared/mid-of.ts";
import { okxRow } from "./okx-reply.ts";

/** USDT for one USDC on its spot market. */
export async function usdcOnOkx(exchange: OkxExchange): Promise<Price> {
  const ticker = okxRow(await exchange.publicGetMarketTicker({ instId: "USDC-USDT" }), "ticker");
  return midOf(decimal(ticker, "bidPx"), decimal(ticker, "askPx"));
}
