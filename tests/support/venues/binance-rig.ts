import { createSystemClock } from "#src/runtime/system-clock.ts";
import { createSyntheticMarket } from "#src/sandbox/synthetic-market.ts";
import { createCcxtVenue } from "#src/venues/ccxt/ccxt-venue.ts";
import type { Listings } from "#src/venues/ccxt/driver.ts";
import { binance } from "#src/venues/quirks/binance.ts";
import { createMemoryRecords } from "#tests/support/memory-records.ts";
import { startBinanceServer } from "./binance-server.ts";

export const BINANCE_KEY = { apiKey: "kBinanceTest", secret: "sBinanceTestSecret" };

/** Our Binance adapter on the real ccxt class, talking to the loopback server. */
export async function createBinanceRig(
  over: {
    readonly server?: Partial<Parameters<typeof startBinanceServer>[0]>;
    /** The venue's own clock; ours unless said. */
    readonly serverNow?: () => number;
    readonly credentials?: Readonly<Record<string, string>> | null;
    readonly mode?: "paper" | "testnet" | "live";
  } = {},
) {
  const clock = createSystemClock();
  const now = over.serverNow ?? clock.wallNow;
  const server = startBinanceServer({
    ...{ feed: createSyntheticMarket({ seed: 7 }), feedVenue: "binance-sim" },
    clock: { ...clock, wallNow: now, marketNow: now },
    ...BINANCE_KEY,
    ...over.server,
  });
  const saved = createMemoryRecords();
  const venue = await createCcxtVenue({
    ...{ quirks: binance, mode: over.mode ?? "live", clock, builderFeeRate: null, saved },
    credentials: over.credentials === undefined ? BINANCE_KEY : over.credentials,
    loopback: server.proxyUrl,
    ourOrders: () => [],
  });
  /** As the adapter lists them, from the markets that it kept. */
  async function listings(): Promise<Listings> {
    await venue.data.instruments();
    const [kept] = saved.load(`markets:binance:${over.mode ?? "live"}`);
    const { markets } = JSON.parse(kept?.value ?? "{}");
    const listed = Object.values(markets).map((one) => venue.driver.list(one as never));
    return new Map(listed.flatMap((one) => (one ? [[one.instrument.symbol, one]] : [])));
  }
  return { server, desk: server.desk, venue, driver: venue.driver, clock, listings };
}
