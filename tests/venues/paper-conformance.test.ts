import { createSyntheticMarket } from "#src/sandbox/synthetic-market.ts";
import { createPaperVenue } from "#src/venues/paper/paper-venue.ts";
import { createJumpingClock } from "#tests/support/fake-clock.ts";
import { createMemoryRecords } from "#tests/support/memory-records.ts";
import { createPaperRig } from "#tests/support/paper-rig.ts";
import { venueConformance } from "./conformance.ts";

venueConformance("a paper venue on a steady market", async () => {
  const { venue, clock } = createPaperRig();
  return { venue, symbol: "BTC-PERP", ...clock };
});

// Base units, contracts of 0.01 BTC, contracts of ten million PEPE, thousands of PEPE.
venueConformance("a paper venue in base units", synthetic("binance-sim", "BTCUSDT"));
venueConformance("a paper venue in contracts", synthetic("okx-sim", "BTC-USDT-SWAP"));
venueConformance("a paper venue in huge contracts", synthetic("okx-sim", "PEPE-USDT-SWAP"));
venueConformance("a paper venue in thousands", synthetic("hyperliquid-sim", "kPEPE"));

function synthetic(id: string, symbol: string) {
  return async () => {
    const feed = createSyntheticMarket({ seed: 7 });
    const clock = createJumpingClock(feed.startAt);
    const records = createMemoryRecords();
    const venue = createPaperVenue({ id, feed, records, clock, startingCashUsd: "10000" });
    return { venue, symbol, ...clock };
  };
}
