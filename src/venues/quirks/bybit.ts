import type { Exchange, Market } from "ccxt";
import type { Quirks, VenueDriver, VenueProfile } from "#src/venues/ccxt/driver.ts";
import { withSpot } from "#src/venues/spot/with-spot.ts";
import { bybitAccount } from "./bybit/bybit-account.ts";
import { bybitHistory } from "./bybit/bybit-history.ts";
import { bybitListing } from "./bybit/bybit-listing.ts";
import { bybitMarket } from "./bybit/bybit-market.ts";
import { bybitOrders } from "./bybit/bybit-orders.ts";
import { BYBIT_REFUSALS } from "./bybit/bybit-refusals.ts";
import type { Bybit } from "./bybit/bybit-replies.ts";
import { signWithFences } from "./bybit/bybit-signing.ts";
import { bybitSpotAccount } from "./bybit/bybit-spot-account.ts";
import { bybitSpotListing } from "./bybit/bybit-spot-listing.ts";
import { bybitSpotMarket } from "./bybit/bybit-spot-market.ts";
import { usdcOnBybit } from "./bybit/bybit-stables.ts";
import { bybitTransfers } from "./bybit/bybit-transfers.ts";

const profile: VenueProfile = {
  id: "bybit",
  name: "Bybit",
  ccxtName: "bybit",
  hosts: ["api.bybit.com"],
  testHosts: ["api-testnet.bybit.com"],
  rehearsal: "testnet",
  credentials: ["apiKey", "secret"],
  // recv_window is for the request only: what rests stays until it is cancelled.
  capabilities: { provable: true, restingFence: false },
  listFees: { taker: "0.00055", maker: "0.0002" },
  // It allows an address 600 in 5 seconds, and bans it for 10 minutes above that.
  budget: { perSecond: 40, burst: 40 },
  refusals: BYBIT_REFUSALS,
  notFound: ["110001"],
  streams: {
    hosts: ["stream.bybit.com", "stream-testnet.bybit.com"],
    own: ["watchOrders", "watchMyTrades", "watchPositions"],
    price: { method: "watchTickers", each: false },
    lastWords: [],
  },
};

/** Bybit's linear perpetuals, and spot where it is wanted, on a unified trading account in USDT or USDC. */
export const bybit: Quirks = {
  profile,
  spotModes: ["paper", "testnet", "live"],
  options: (_mode, wants) => ({
    // It asks for every coin's networks when there is a key.
    has: { fetchCurrencies: false },
    options: {
      fetchMarkets: {
        types: wants?.spot ? ["linear", "spot"] : ["linear"],
        usePrivateInstrumentsInfo: false,
      },
      defaultType: "swap",
      defaultSubType: "linear",
      // Known, so that ccxt does not ask for it before the first order.
      enableUnifiedMargin: false,
      enableUnifiedAccount: true,
      unifiedMarginStatus: 6,
      adjustForTimeDifference: false,
      recvWindow: 5_000,
    },
  }),
  wireIdOf: (clientOrderId) => clientOrderId,
  create({ exchange, mode, spot }) {
    const venue = asBybit(exchange);
    // ccxt's costs are those of a single bucket of 50; here each endpoint has its own.
    venue.calculateRateLimiterCost = () => 1;
    signWithFences(venue);
    const perps: VenueDriver = {
      profile,
      list: (market) => (market ? bybitListing(market, profile) : null),
      ...bybitMarket(venue),
      ...bybitAccount(venue),
      ...bybitOrders(venue),
      ...bybitHistory(venue),
      ...bybitTransfers(venue),
      // What a test market says of stables means nothing.
      ...(mode === "testnet" ? {} : { usdcInUsdt: () => usdcOnBybit(venue) }),
    };
    if (!spot) return perps;
    const list = (market: Market) => bybitSpotListing(market, profile);
    const ownSpot = {
      venue: profile.id,
      list,
      ...bybitSpotMarket(venue),
      ...bybitSpotAccount(venue),
    };
    return withSpot(perps, ownSpot, spot);
  },
};

/** The profile names this class, so it is what was loaded. */
function asBybit(exchange: Exchange): Bybit {
  return exchange as Bybit;
}
