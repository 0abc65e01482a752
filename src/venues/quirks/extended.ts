import type { Quirks, VenueProfile } from "#src/venues/ccxt/driver.ts";
import { extendedAccount } from "./extended/extended-account.ts";
import { asExtended } from "./extended/extended-api.ts";
import { extendedListing } from "./extended/extended-listing.ts";
import { extendedMarket } from "./extended/extended-market.ts";
import { extendedOrders } from "./extended/extended-orders.ts";
import { EXTENDED_REFUSALS } from "./extended/extended-refusals.ts";
import { extendedTrading } from "./extended/extended-trading.ts";
import { extendedTransfers } from "./extended/extended-transfers.ts";

const profile: VenueProfile = {
  id: "extended",
  name: "Extended",
  ccxtName: "extended",
  hosts: ["api.starknet.extended.exchange"],
  testHosts: ["api.starknet.sepolia.extended.exchange"],
  rehearsal: "testnet",
  credentials: ["apiKey", "privateKey"],
  capabilities: { provable: true, restingFence: true },
  // ccxt has 20 bp for both.
  listFees: { taker: "0.00025", maker: "0" },
  // 1,000 a minute.
  budget: { perSecond: 15, burst: 40 },
  refusals: EXTENDED_REFUSALS,
  notFound: [],
  streams: {
    hosts: ["api.starknet.extended.exchange", "api.starknet.sepolia.extended.exchange"],
    // One socket tells of everything that the account does.
    own: ["watchOrders"],
    price: { method: "watchMarkPrice", each: true },
    lastWords: [],
  },
};

/** Extended's perpetuals on Starknet, with its USD as collateral. */
export const extended: Quirks = {
  profile,
  options: () => ({
    // It asks for every asset when it loads markets.
    has: { fetchCurrencies: false },
    options: { builderFee: false, builderFeeRate: "0", builderId: undefined },
  }),
  wireIdOf: (clientOrderId) => clientOrderId,
  create({ exchange, builderFeeRate }) {
    const venue = asExtended(exchange);
    return {
      profile,
      list: (market) => (market ? extendedListing(market, profile) : null),
      ...extendedMarket(venue),
      ...extendedAccount(venue),
      ...extendedOrders(venue),
      ...extendedTrading(venue, builderFeeRate),
      ...extendedTransfers(venue),
    };
  },
};
