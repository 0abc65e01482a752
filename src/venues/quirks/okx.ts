import type { Exchange, okx as OkxExchange } from "ccxt";
import type { DriverParts, Quirks, VenueDriver, VenueProfile } from "#src/venues/ccxt/driver.ts";
import { withSpot } from "#src/venues/spot/with-spot.ts";
import { accountOfOkx } from "./okx/okx-account.ts";
import { historyOfOkx } from "./okx/okx-history.ts";
import { listOkx, OKX_LIST_FEES } from "./okx/okx-listing.ts";
import { ordersOfOkx } from "./okx/okx-orders.ts";
import { publicDataOfOkx } from "./okx/okx-public.ts";
import { OKX_NOT_FOUND, OKX_REFUSALS, okxCodeOf } from "./okx/okx-refusals.ts";
import { fenceOkxSigning } from "./okx/okx-signing.ts";
import { okxSpotAccount } from "./okx/okx-spot-account.ts";
import { listOkxSpot, okxSpotMarket } from "./okx/okx-spot-market.ts";
import { usdcOnOkx } from "./okx/okx-stables.ts";
import { okxTransfers } from "./okx/okx-transfers.ts";

const profile: VenueProfile = {
  id: "okx",
  name: "OKX swaps",
  ccxtName: "okx",
  hosts: ["www.okx.com"],
  // The same: what tells its demo apart is a header, which signing there never leaves out.
  testHosts: ["www.okx.com"],
  // Demo trading, in ccxt's words its sandbox: the same hosts with a header, and keys of its own.
  rehearsal: "testnet",
  credentials: ["apiKey", "secret", "password"],
  // expTime only keeps a late request out: what rests already stays until it is cancelled.
  capabilities: { provable: true, restingFence: false },
  listFees: OKX_LIST_FEES,
  budget: { perSecond: 10, burst: 20 },
  refusals: OKX_REFUSALS,
  notFound: OKX_NOT_FOUND,
  streams: {
    hosts: ["ws.okx.com", "wspap.okx.com"],
    // Fills and liquidations come as orders too; its positions are also sent when nothing has changed.
    own: ["watchOrders"],
    price: { method: "watchMarkPrices", each: false },
    lastWords: ["notice"],
  },
};

/** OKX perpetual swaps that are margined and settled in USDT, and spot where it is wanted. */
export const okx: Quirks = {
  profile,
  spotModes: ["paper", "testnet", "live"],
  options: (_mode, wants) => ({
    // With a key ccxt would ask the funding account for its currencies before it lists markets.
    has: { fetchCurrencies: false },
    options: {
      defaultType: "swap",
      fetchMarkets: { types: wants?.spot ? ["swap", "spot"] : ["swap"] },
      adjustForTimeDifference: false,
      maxRetriesOnFailure: 0,
      // What reaches these only by mistake carries nobody's name and asks for one order.
      brokerId: "",
      createOrder: "privatePostTradeOrder",
    },
  }),
  // [A-Za-z0-9]{1,32} is what clOrdId takes.
  wireIdOf: (clientOrderId) => clientOrderId,
  create: createDriver,
};

function createDriver({ exchange, mode, spot = null }: DriverParts): VenueDriver {
  const venue = asOkx(exchange);
  fenceOkxSigning(venue);
  const perps: VenueDriver = {
    profile,
    list: listOkx,
    codeOf: okxCodeOf,
    ...publicDataOfOkx(venue),
    ...accountOfOkx(venue, spot !== null),
    ...ordersOfOkx(venue),
    ...historyOfOkx(venue),
    ...okxTransfers(venue),
    // What a test market says of stables means nothing.
    ...(mode === "testnet" ? {} : { usdcInUsdt: () => usdcOnOkx(venue) }),
  };
  if (!spot) return perps;
  const ownSpot = { venue: profile.id, list: listOkxSpot };
  return withSpot(perps, { ...ownSpot, ...okxSpotMarket(venue), ...okxSpotAccount(venue) }, spot);
}

/** The adapter opened the class that the profile names. */
function asOkx(exchange: Exchange): OkxExchange {
  return exchange as OkxExchange;
}
