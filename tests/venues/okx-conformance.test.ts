import { afterAll } from "bun:test";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { createSyntheticMarket } from "#src/sandbox/synthetic-market.ts";
import { okxOver } from "#tests/support/venues/okx-rig.ts";
import { startOkxServer } from "#tests/support/venues/okx-server.ts";
import { venueConformance } from "./conformance.ts";

const running: { stop(): Promise<void> }[] = [];
afterAll(() => Promise.all(running.map((one) => one.stop())));

// Contracts of 0.01 BTC in the account mode for futures, and of ten million PEPE in the one with one pool.
venueConformance("OKX over its loopback server", overServer("BTC-USDT-SWAP", "2"));
venueConformance("OKX in huge contracts", overServer("PEPE-USDT-SWAP", "3"));

function overServer(symbol: string, acctLv: "2" | "3") {
  return async () => {
    const feed = createSyntheticMarket({ seed: 7 });
    const clock = createSystemClock();
    const server = startOkxServer({ feed, venue: "okx-sim", clock });
    server.settings.acctLv = acctLv;
    running.push(server);
    const venue = await okxOver(server);
    return { venue, symbol, ...clock };
  };
}
