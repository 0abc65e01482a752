import type { Exchange } from "ccxt";
import { row, text } from "#src/venues/ccxt/row.ts";
import { asDydx, ofAccount } from "./dydx-client.ts";

/**
 * Orders, fills and positions of the subaccount, which ccxt has no method for. They are public: nothing is
 * signed. ccxt knows no message of this channel, so this never resolves; each of them rings all the same.
 */
export function watchSubaccount(from: Exchange): Promise<unknown> {
  const exchange = asDydx(from);
  const url = text(row(exchange.urls["api"], "dYdX's addresses"), "ws");
  const { address, subaccountNumber } = ofAccount(exchange);
  const id = `${address}/${subaccountNumber}`;
  return exchange.watch(url, id, { type: "subscribe", channel: "v4_subaccounts", id }, id);
}
