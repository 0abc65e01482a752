import { afterAll } from "bun:test";
import { createSyntheticMarket } from "#src/sandbox/synthetic-market.ts";
import {
  createHyperliquidRig,
  type HyperliquidRigOptions,
} from "#tests/support/venues/hyperliquid-rig.ts";
import { venueConformance } from "./conformance.ts";

const stops: (() => Promise<void>)[] = [];
afterAll(async () => {
  await Promise.all(stops.map((stop) => stop()));
});

venueConformance("Hyperliquid behind ccxt", under("BTC"));
venueConformance("Hyperliquid behind ccxt in base units", under("BTC", synthetic()));
venueConformance("Hyperliquid behind ccxt in thousands", under("kPEPE", synthetic()));

function synthetic(): HyperliquidRigOptions {
  return { feed: createSyntheticMarket({ seed: 7 }), feedVenue: "hyperliquid-sim" };
}

function under(symbol: string, options: HyperliquidRigOptions = {}) {
  return async () => {
    const { server, venue, clock } = await createHyperliquidRig(options);
    stops.push(() => server.stop());
    return { venue, symbol, marketNow: () => clock.marketNow(), wallNow: () => clock.wallNow() };
  };
}
