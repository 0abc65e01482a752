import type { DriverParts, Quirks, VenueDriver, VenueProfile } from "#src/venues/ccxt/driver.ts";
import type { OwnSpotOrders, SpotDriver } from "#src/venues/spot/spot-driver.ts";
import { withSpot } from "#src/venues/spot/with-spot.ts";
import { createBinanceAccount } from "./binance/binance-account.ts";
import { createBinanceFills } from "./binance/binance-fills.ts";
import { readFundingPayments } from "./binance/binance-income.ts";
import { listBinance, loadBracketsWithMarkets } from "./binance/binance-listing.ts";
import { createBinanceMarketData } from "./binance/binance-market-data.ts";
import { OrderMemory } from "./binance/binance-order-memory.ts";
import { createBinanceOrders } from "./binance/binance-orders.ts";
import { BINANCE_REFUSALS, binanceCodeOf } from "./binance/binance-refusals.ts";
import { binanceSpotAccount } from "./binance/binance-spot-account.ts";
import { binanceSpotMarket, listBinanceSpot } from "./binance/binance-spot-market.ts";
import { binanceSpotOrders } from "./binance/binance-spot-orders.ts";
import { usdcOnBinance } from "./binance/binance-stables.ts";
import { binanceTransfers } from "./binance/binance-transfers.ts";
import { asBinance } from "./binance/binance-units.ts";

const profile: VenueProfile = {
  id: "binance",
  name: "Binance USD-M",
  ccxtName: "binanceusdm",
  hosts: ["fapi.binance.com", "api.binance.com"],
  testHosts: ["demo-fapi.binance.com"],
  rehearsal: "demo",
  credentials: ["apiKey", "secret"],
  // Good-till-date orders must live for 10 minutes at least, so a resting order has no fence of ours.
  capabilities: { provable: true, restingFence: false },
  listFees: { taker: "0.0005", maker: "0.0002" },
  // In its own weights: 2,400 a minute.
  budget: { perSecond: 36, burst: 300 },
  refusals: BINANCE_REFUSALS,
  notFound: ["-2013"],
  streams: {
    hosts: ["fstream.binance.com", "fstream.binancefuture.com"],
    // One socket tells of everything that the account does.
    own: ["watchOrders"],
    price: { method: "watchMarkPrices", each: false },
    lastWords: ["listenKeyExpired"],
  },
};

export const binance: Quirks = {
  profile,
  options,
  // 36 characters of [.A-Z:/a-z0-9_-] are allowed; ours are fewer.
  wireIdOf: (clientOrderId) => clientOrderId,
  // Its demo has no margin account.
  spotModes: ["paper", "live"],
  create,
};

function options(
  _mode: DriverParts["mode"],
  wants?: { readonly spot: boolean },
): Readonly<Record<string, unknown>> {
  const types = wants?.spot ? ["linear", "spot"] : ["linear"];
  return {
    options: {
      fetchMarkets: { types, loadAllOptions: false },
      fetchCurrencies: false,
      fetchMargins: false,
      adjustForTimeDifference: false,
      recvWindow: 10_000,
    },
  };
}

function create({ exchange, mode, spot = null }: DriverParts): VenueDriver {
  const api = asBinance(exchange);
  loadBracketsWithMarkets(api);
  const memory = new OrderMemory((which) => api.fapiPrivateGetOrder(which));
  const margin = binanceSpotAccount(api);
  const perps: VenueDriver = {
    profile,
    list: (market) => listBinance(market, profile.id, profile.listFees),
    ...createBinanceMarketData(api),
    ...createBinanceAccount(api, profile.id, mode === "testnet"),
    ...createBinanceOrders(api, memory),
    ...createBinanceFills(api, profile.id, memory),
    fundingPayments: (listings, since) => readFundingPayments(api, profile.id, listings, since),
    ...binanceTransfers(api, spot && (async () => (await margin.unfit()) === null)),
    codeOf: binanceCodeOf,
    // What a test market says of stables means nothing.
    ...(mode === "testnet" ? {} : { usdcInUsdt: () => usdcOnBinance(api) }),
  };
  return spot ? withSpot(perps, createSpot(api, margin, spot), spot) : perps;
}

function createSpot(
  api: ReturnType<typeof asBinance>,
  account: ReturnType<typeof binanceSpotAccount>,
  own: OwnSpotOrders,
): SpotDriver {
  const memory = new OrderMemory((which) => api.sapiGetMarginOrder(which));
  const { balances } = account;
  return {
    ...{ venue: profile.id, list: (market) => listBinanceSpot(market, profile.id) },
    ...binanceSpotMarket(api),
    ...account,
    ...binanceSpotOrders(api, { memory, own, balances }),
  };
}
