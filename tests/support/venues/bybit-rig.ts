import { createSystemClock } from "#src/runtime/system-clock.ts";
import { createCcxtVenue } from "#src/venues/ccxt/ccxt-venue.ts";
import type { Quirks } from "#src/venues/ccxt/driver.ts";
import { bybit } from "#src/venues/quirks/bybit.ts";
import { createMemoryRecords } from "#tests/support/memory-records.ts";
import { BYBIT_KEY } from "./bybit-server.ts";
import { jsonReply, type Loopback, startLoopback } from "./loopback.ts";

/** On this machine nobody has to be spared. */
const UNHURRIED: Quirks = {
  ...bybit,
  profile: { ...bybit.profile, budget: { perSecond: 100_000, burst: 100_000 } },
};

/** Our adapter with its real ccxt class, speaking to a server on this machine. */
export function connectBybit(
  server: Pick<Loopback, "proxyUrl">,
  over: Partial<Parameters<typeof createCcxtVenue>[0]> = {},
) {
  return createCcxtVenue({
    ...{ quirks: UNHURRIED, mode: "live", credentials: BYBIT_KEY, builderFeeRate: null },
    ...{ loopback: server.proxyUrl, clock: createSystemClock(), saved: createMemoryRecords() },
    ourOrders: () => [],
    ...over,
  });
}

type Answer = unknown | ((query: URLSearchParams) => unknown);

/** A server that answers each path with the `result` given for it, whoever asks. */
export function startBybitSaying(answers: Readonly<Record<string, Answer>>): Loopback {
  const known: typeof answers = {
    "/v5/market/instruments-info": (query: URLSearchParams) =>
      query.get("status") === "PreLaunch" ? { list: [] } : { list: [bybitInstrument()] },
    ...answers,
  };
  return startLoopback({
    handle({ url }) {
      const said = known[url.pathname];
      const result: unknown = typeof said === "function" ? said(url.searchParams) : said;
      return jsonReply({ retCode: 0, retMsg: "OK", result, retExtInfo: {}, time: Date.now() });
    },
  });
}

/** BTCUSDT as instruments-info documents it. */
export function bybitInstrument(over: Readonly<Record<string, unknown>> = {}) {
  return {
    ...{ symbol: "BTCUSDT", contractType: "LinearPerpetual", status: "Trading" },
    ...{ baseCoin: "BTC", quoteCoin: "USDT", settleCoin: "USDT" },
    ...{ launchTime: "1584230400000", deliveryTime: "0", deliveryFeeRate: "", priceScale: "2" },
    leverageFilter: { minLeverage: "1", maxLeverage: "100.00", leverageStep: "0.01" },
    priceFilter: { minPrice: "0.10", maxPrice: "1999999.80", tickSize: "0.10" },
    lotSizeFilter: {
      ...{ maxOrderQty: "1190.000", minOrderQty: "0.001", qtyStep: "0.001" },
      ...{ postOnlyMaxOrderQty: "1190.000", maxMktOrderQty: "500.000", minNotionalValue: "5" },
    },
    ...{ unifiedMarginTrade: true, fundingInterval: 480, copyTrading: "both" },
    ...{ upperFundingRate: "0.00375", lowerFundingRate: "-0.00375" },
    ...{ isPreListing: false, preListingInfo: null },
    ...over,
  };
}
