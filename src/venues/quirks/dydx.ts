import type { Quirks, VenueProfile } from "#src/venues/ccxt/driver.ts";
import { dydxAccount } from "./dydx/dydx-account.ts";
import { asDydx } from "./dydx/dydx-client.ts";
import { ClientIds } from "./dydx/dydx-client-ids.ts";
import { DydxFences } from "./dydx/dydx-fences.ts";
import { dydxFills } from "./dydx/dydx-fills.ts";
import { dydxMarket } from "./dydx/dydx-market.ts";
import { dydxOrders } from "./dydx/dydx-orders.ts";
import { DYDX_REFUSALS } from "./dydx/dydx-replies.ts";
import { dydxWireId, signOurWay } from "./dydx/dydx-signing.ts";
import { watchSubaccount } from "./dydx/dydx-stream.ts";
import { dydxTransfers } from "./dydx/dydx-transfers.ts";

const profile: VenueProfile = {
  id: "dydx",
  name: "dYdX",
  ccxtName: "dydx",
  hosts: ["indexer.dydx.trade", "dydx-ops-rpc.kingnodes.com", "dydx-rest.publicnode.com"],
  testHosts: [
    "indexer.v4testnet.dydx.exchange",
    "test-dydx-rpc.kingnodes.com",
    "test-dydx-rest.kingnodes.com",
  ],
  rehearsal: "testnet",
  credentials: ["walletAddress", "privateKey"],
  capabilities: { provable: true, restingFence: true },
  // ccxt has no call for the account's fees; the first fill says them (Q7).
  listFees: { taker: "0.0005", maker: "0.0001" },
  // The indexer allows 100 in 10 seconds an address.
  budget: { perSecond: 10, burst: 20 },
  refusals: DYDX_REFUSALS,
  notFound: ["orderNotFound"],
  streams: {
    hosts: ["indexer.dydx.trade", "indexer.v4testnet.dydx.exchange"],
    own: [watchSubaccount],
    price: null,
    lastWords: [],
  },
};

/** dYdX v4's cross-margined perpetuals, in USDC. Reads ask the indexer; orders go to a node of the chain. */
export const dydx: Quirks = {
  profile,
  options: () => ({}),
  wireIdOf: dydxWireId,
  create(parts) {
    const exchange = asDydx(parts.exchange);
    signOurWay(exchange);
    const clientIds = new ClientIds(exchange);
    return {
      profile,
      setLeverage: null,
      ...dydxMarket(exchange, profile),
      ...dydxAccount(exchange, profile),
      ...dydxFills(exchange, profile, clientIds),
      ...dydxTransfers(exchange, profile),
      ...dydxOrders(exchange, {
        ...{ fences: new DydxFences(exchange), placed: new Map(), clientIds },
      }),
    };
  },
};
