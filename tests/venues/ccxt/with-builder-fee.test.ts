import { expect, test } from "bun:test";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { createCcxtVenue } from "#src/venues/ccxt/ccxt-venue.ts";
import { loadQuirks } from "#src/venues/ccxt/load-quirks.ts";
import { createMemoryRecords } from "#tests/support/memory-records.ts";
import { createSteadyMarket } from "#tests/support/steady-market.ts";
import { STREET_KEYS, startVenueStreet } from "#tests/support/venues/venue-street.ts";

test("a builder's fee that the owner chose is in what an instrument lists and in what the account pays", async () => {
  const street = startVenueStreet({
    feed: createSteadyMarket({ hyperliquid: { instrument: { symbol: "BTC" } } }),
    feedVenues: { binance: "x", bybit: "x", okx: "x", hyperliquid: "hyperliquid" },
  });
  const open = async (builderFeeRate: string | null) =>
    createCcxtVenue({
      ...{ quirks: await loadQuirks("hyperliquid"), mode: "live", builderFeeRate },
      ...{ credentials: STREET_KEYS.hyperliquid, loopback: street.proxyUrl },
      ...{ clock: createSystemClock(), saved: createMemoryRecords(), ourOrders: () => [] },
    });
  const [plain, dearer] = [await open(null), await open("0.0001")];
  for (const fees of [
    async (venue: typeof plain) => (await venue.data.instruments())[0],
    (venue: typeof plain) => venue.account.feeRates("BTC"),
  ]) {
    const [without, withIt] = [await fees(plain), await fees(dearer)];
    expect(withIt?.takerFeeRate.minus(without?.takerFeeRate ?? "1").toFixed()).toBe("0.0001");
    expect(withIt?.makerFeeRate.minus(without?.makerFeeRate ?? "1").toFixed()).toBe("0.0001");
  }
  await street.stop();
});
