import { startVenueStreet } from "#tests/support/venues/venue-street.ts";
import { createWideMarket } from "./wide-market.ts";

/** A process of its own, so that what is measured does not share a thread with what it asks. */
const street = startVenueStreet({
  feed: createWideMarket(Number(process.argv[2] ?? "600")),
  feedVenues: { binance: "binance", bybit: "bybit", okx: "okx", hyperliquid: "hyperliquid" },
  remember: true,
});
process.stdout.write(`${street.proxyUrl}\n`);
