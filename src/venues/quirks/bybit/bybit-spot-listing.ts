import type { Market } from "ccxt";
import type { Listed, VenueProfile } from "#src/venues/ccxt/driver.ts";
import { decimalOrNull, row, textOrNull } from "#src/venues/ccxt/row.ts";
import { listSpot } from "#src/venues/spot/list-spot.ts";

/** Null for anything but a traded spot market against dollars whose every grid is known. */
export function bybitSpotListing(market: Market, { id }: VenueProfile): Listed | null {
  const info = row(market?.info ?? {}, "instrument");
  const lot = row(info["lotSizeFilter"] ?? {}, "lotSizeFilter");
  const lotStep = decimalOrNull(lot, "basePrecision");
  return listSpot(market, id, {
    info,
    symbol: textOrNull(info, "symbol"),
    coin: textOrNull(info, "baseCoin"),
    quote: textOrNull(info, "quoteCoin"),
    // Perpetuals and spot share symbols: only the former have a contract type.
    isTraded: textOrNull(info, "contractType") === null && textOrNull(info, "status") === "Trading",
    lotStep,
    // Deprecated: what counts is the least amount of dollars.
    minSize: decimalOrNull(lot, "minOrderQty") ?? lotStep,
    minNotionalUsd: decimalOrNull(lot, "minOrderAmt"),
    tick: decimalOrNull(row(info["priceFilter"] ?? {}, "priceFilter"), "tickSize"),
  });
}
