import type { Price } from "#src/core/units.ts";
import { decimal } from "#src/venues/ccxt/row.ts";
import { midOf } from "#src/venues/quirks/shared/mid-of.ts";
import { type Bybit, onlyRowOf } from "./bybit-replies.ts";

/** USDT for one USDC on its spot market. */
export async function usdcOnBybit(exchange: Bybit): Promise<Price> {
  const asked = { category: "spot", symbol: "USDCUSDT" };
  const ticker = onlyRowOf(await exchange.publicGetV5MarketTickers(asked));
  return midOf(decimal(ticker, "bid1Price"), decimal(ticker, "ask1Price"));
}
