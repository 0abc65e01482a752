import { afterAll } from "bun:test";
import { createBinanceRig } from "#tests/support/venues/binance-rig.ts";
import { venueConformance } from "./conformance.ts";

const rigs: Awaited<ReturnType<typeof createBinanceRig>>[] = [];
afterAll(async () => {
  await Promise.all(rigs.map((rig) => rig.server.stop()));
});

venueConformance("Binance over its loopback server", over("BTCUSDT"));
venueConformance("Binance, in thousands of PEPE,", over("1000PEPEUSDT"));

function over(symbol: string) {
  return async () => {
    const rig = await createBinanceRig();
    rigs.push(rig);
    return { venue: rig.venue, symbol, ...rig.clock };
  };
}
