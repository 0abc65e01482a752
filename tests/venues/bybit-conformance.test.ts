import { afterAll } from "bun:test";
import { createSyntheticMarket } from "#src/sandbox/synthetic-market.ts";
import { connectBybit } from "#tests/support/venues/bybit-rig.ts";
import { type BybitServer, startBybitServer } from "#tests/support/venues/bybit-server.ts";
import { venueConformance } from "./conformance.ts";

const servers: BybitServer[] = [];
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
});

venueConformance("Bybit through ccxt", over("BTCUSDT"));
venueConformance("Bybit through ccxt in thousands", over("1000PEPEUSDT"));

function over(symbol: string) {
  return async () => {
    // Its shape is Bybit's: base units, 1000X symbols, settled in USDT.
    const server = startBybitServer({
      feed: createSyntheticMarket({ seed: 7 }),
      venue: "binance-sim",
    });
    servers.push(server);
    const venue = await connectBybit(server);
    return { venue, symbol, wallNow: Date.now, marketNow: Date.now };
  };
}
