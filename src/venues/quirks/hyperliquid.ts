import { createHash } from "node:crypto";
import type { Quirks } from "#src/venues/ccxt/driver.ts";
import { hyperliquidAccount } from "./hyperliquid/hyperliquid-account.ts";
import { hyperliquidClient } from "./hyperliquid/hyperliquid-client.ts";
import { hyperliquidHistory } from "./hyperliquid/hyperliquid-fills.ts";
import { hyperliquidMarket, listHyperliquid } from "./hyperliquid/hyperliquid-market.ts";
import { hyperliquidOrders } from "./hyperliquid/hyperliquid-orders.ts";
import { HYPERLIQUID_REFUSALS, hyperliquidCode } from "./hyperliquid/hyperliquid-replies.ts";
import { signOnlyOrders } from "./hyperliquid/hyperliquid-signing.ts";
import { loadTiersWithMarkets } from "./hyperliquid/hyperliquid-tiers.ts";
import { hyperliquidTransfers } from "./hyperliquid/hyperliquid-transfers.ts";
import { OrderTimes } from "./shared/order-times.ts";

const PROFILE: Quirks["profile"] = {
  id: "hyperliquid",
  name: "Hyperliquid",
  ccxtName: "hyperliquid",
  hosts: ["api.hyperliquid.xyz"],
  testHosts: ["api.hyperliquid-testnet.xyz"],
  rehearsal: "testnet",
  credentials: ["walletAddress", "privateKey"],
  // The fence keeps an action from arriving late; it does not take an order off the book.
  capabilities: { provable: true, restingFence: false },
  listFees: { taker: "0.00045", maker: "0.00015" },
  // It allows a weight of 1200 a minute; ccxt knows what each request weighs.
  budget: { perSecond: 15, burst: 300 },
  refusals: HYPERLIQUID_REFUSALS,
  notFound: ["unknownOid"],
  streams: {
    hosts: ["api.hyperliquid.xyz", "api.hyperliquid-testnet.xyz"],
    own: ["watchOrders", "watchMyTrades"],
    // All of them at once are the mids of the books, without marks.
    price: { method: "watchTicker", each: true },
    lastWords: [],
  },
};

/** Perps of Hyperliquid's main dex: an order book on a chain of its own, where orders are signed actions. */
export const hyperliquid: Quirks = {
  profile: PROFILE,

  // Each of these is something that ccxt asks, signs or pays by itself unless told not to.
  options: (mode) => ({
    has: { fetchCurrencies: false },
    options: {
      builderFee: false,
      approvedBuilderFee: false,
      refSet: true,
      enableUnifiedMargin: false,
      sandboxMode: mode === "testnet",
      fetchMarkets: { types: ["swap"] },
    },
  }),

  /** The venue takes 128 bits in hex. */
  wireIdOf: (clientOrderId) =>
    `0x${createHash("sha256").update(clientOrderId).digest("hex").slice(0, 32)}`,

  create({ exchange, builderFeeRate }) {
    const client = hyperliquidClient(exchange);
    signOnlyOrders(client.exchange, builderFeeRate);
    loadTiersWithMarkets(client.exchange);
    const times = new OrderTimes();
    return {
      profile: PROFILE,
      list: (market) => listHyperliquid(market, PROFILE.listFees),
      ...hyperliquidMarket(client),
      ...hyperliquidAccount(client),
      ...hyperliquidHistory(client, times),
      ...hyperliquidTransfers(client),
      ...hyperliquidOrders(client, times),
      codeOf: hyperliquidCode,
    };
  },
};
