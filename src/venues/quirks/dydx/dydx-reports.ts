import type { OrderReport } from "#src/core/order.ts";
import type { Listings } from "#src/venues/ccxt/driver.ts";
import { decimal, decimalOrNull, type Row, text } from "#src/venues/ccxt/row.ts";
import { type Dydx, dydxUnits, indexedHeight } from "./dydx-client.ts";
import { SHORT_TERM } from "./dydx-signing.ts";

/** An order as the indexer has it, when it had read the chain up to `height`. */
export function reportOf(listings: Listings, order: Row, height: number): OrderReport {
  const symbol = text(order, "ticker");
  const units = dydxUnits(listings, symbol);
  return {
    clientOrderId: text(order, "clientId"),
    venueOrderId: text(order, "id"),
    symbol,
    side: text(order, "side") === "BUY" ? "buy" : "sell",
    status: statusOf(order, height),
    sizeBase: units.size(decimal(order, "size")),
    filledBase: units.size(decimal(order, "totalFilled")),
    reduceOnly: order["reduceOnly"] === true,
  };
}

const FINAL: Readonly<Record<string, OrderReport["status"]>> = {
  FILLED: "filled",
  CANCELED: "cancelled",
};

/** "Best effort" says what one node believes: until its last block is over, such an order may still be filled. */
function statusOf(order: Row, height: number): OrderReport["status"] {
  const final = FINAL[text(order, "status")];
  const lastBlock = decimalOrNull(order, "goodTilBlock");
  if (final) return final;
  if (flagsOf(order) !== SHORT_TERM || lastBlock === null) return "open";
  return lastBlock.lt(String(height)) ? "cancelled" : "open";
}

/** Asked for only where it decides. */
export async function heightFor(exchange: Dydx, order: Row): Promise<number> {
  return FINAL[text(order, "status")] ? 0 : indexedHeight(exchange);
}

export function flagsOf(order: Row): number {
  return Number(text(order, "orderFlags"));
}
