import { dec, sum } from "#src/core/decimal.ts";
import type { ExecutionContext } from "#src/execution/context.ts";
import { createEngineMemory } from "#src/execution/engine-memory.ts";
import type { Clock } from "#src/ports/clock.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { createCcxtVenue } from "#src/venues/ccxt/ccxt-venue.ts";
import { loadQuirks } from "#src/venues/ccxt/load-quirks.ts";
import { openCheck } from "#tests/support/builders.ts";
import { createMemoryRecords } from "#tests/support/memory-records.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";
import { createSteadyMarket } from "#tests/support/steady-market.ts";
import { admitHedge, createCountingIds } from "#tests/support/trading-rig.ts";
import { STREET_KEYS, startVenueStreet } from "./venue-street.ts";

const PAIR = ["binance", "bybit"] as const;
const SYMBOL = "BTCUSDT";

/** The engine over Binance and Bybit: ccxt, signatures and a socket in between; all go by one clock. */
export async function createVenueRig<Time extends Clock>(clock: Time) {
  const steady = { instrument: { symbol: SYMBOL } };
  const street = startVenueStreet({
    clock,
    feed: createSteadyMarket({
      ...{ binance: steady, bybit: steady },
      okx: { instrument: { symbol: "BTC-USDT-SWAP" } },
      hyperliquid: { instrument: { symbol: "BTC" } },
    }),
    feedVenues: { binance: "binance", bybit: "bybit", okx: "okx", hyperliquid: "hyperliquid" },
  });
  const opened = PAIR.map(async (id) => {
    const venue = await createCcxtVenue({
      ...{ quirks: await loadQuirks(id), mode: "live", credentials: STREET_KEYS[id], clock },
      ...{ loopback: street.proxyUrl, saved: createMemoryRecords(), builderFeeRate: null },
      ourOrders: () => [],
    });
    return [id, venue] as const;
  });
  const venues = new Map<string, Awaited<(typeof opened)[number]>[1]>(await Promise.all(opened));
  const store = openStore({ path: ":memory:", wallNow: clock.wallNow });
  store.transaction(() => {
    store.setFact("ownerId", "1");
    store.setFact("chatId", "1");
  });
  const context: ExecutionContext = {
    ...{ venues, store, clock, ids: createCountingIds(), log: silentLogger },
    limits: openCheck().limits,
    memory: createEngineMemory(clock.elapsedMs()),
    shout: () => undefined,
    settings: {
      ...{ orderLifeMs: 5_000, makerWaitMs: 0, secondLegTries: 2, retryDelayMs: 100 },
      ...{ maxSlippage: dec("0.0005"), emergencySlippage: dec("0.01") },
      rebalance: { maxDrift: dec("0.03"), minUsd: dec("100"), intervalMs: 300_000 },
    },
  };
  const leg = (venue: string, side: "long" | "short") => ({
    ...{ venue, side, instrument: { symbol: SYMBOL }, equityUsd: "100000" },
  });
  return {
    ...{ context, store, clock, street, venues },
    admit: (hedgeId: string) =>
      admitHedge(
        { store, context },
        hedgeId,
        null,
        openCheck([leg("binance", "short"), leg("bybit", "long")]),
      ),
    /** Signed sizes, as the venues themselves have them. */
    held() {
      const sizes = PAIR.map((id) => {
        const exposures = street.engines[id].exposures(clock.wallNow());
        return [id, sum(exposures.map((one) => one.sizeBase)).toFixed()] as const;
      });
      return Object.fromEntries(sizes);
    },
    async stop() {
      store.close();
      await street.stop();
    },
  };
}
