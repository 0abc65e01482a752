import { createHash } from "node:crypto";
import type { Quirks, VenueProfile } from "#src/venues/ccxt/driver.ts";
import { pacificaAccount } from "./pacifica/pacifica-account.ts";
import { asPacifica } from "./pacifica/pacifica-api.ts";
import { pacificaListing } from "./pacifica/pacifica-listing.ts";
import { pacificaMarket } from "./pacifica/pacifica-market.ts";
import { pacificaOrders } from "./pacifica/pacifica-orders.ts";
import { PACIFICA_REFUSALS } from "./pacifica/pacifica-refusals.ts";
import { pacificaTrading } from "./pacifica/pacifica-trading.ts";
import { pacificaTransfers } from "./pacifica/pacifica-transfers.ts";
import { OrderTimes } from "./shared/order-times.ts";

const profile: VenueProfile = {
  id: "pacifica",
  name: "Pacifica",
  ccxtName: "pacifica",
  hosts: ["api.pacifica.fi"],
  testHosts: ["test-api.pacifica.fi"],
  rehearsal: "testnet",
  // The wallet's address, and the key of an agent of it.
  credentials: ["walletAddress", "privateKey"],
  // The fence is the signature's: what rests stays until it is cancelled.
  capabilities: { provable: true, restingFence: false },
  listFees: { taker: "0.0004", maker: "0.00015" },
  // 125 credits in any minute, of which a page of history costs up to 12.
  budget: { perSecond: 1.4, burst: 40 },
  refusals: PACIFICA_REFUSALS,
  notFound: [],
  streams: {
    hosts: ["ws.pacifica.fi", "test-ws.pacifica.fi"],
    own: ["watchOrders", "watchMyTrades"],
    price: { method: "watchTickers", each: false },
    lastWords: [],
  },
};

/** Pacifica's perpetuals on Solana, in USDC. */
export const pacifica: Quirks = {
  profile,
  options: () => ({
    // Else it signs an approval for its builder before the first order, and adds the code to some kinds.
    options: { builderFee: false, builderCode: undefined, builderSupportOperations: {} },
  }),
  wireIdOf: uuidOf,
  create({ exchange, builderFeeRate }) {
    const venue = asPacifica(exchange);
    const times = new OrderTimes();
    return {
      profile,
      list: (market) => (market ? pacificaListing(market, profile) : null),
      ...pacificaMarket(venue),
      ...pacificaAccount(venue),
      ...pacificaOrders(venue, times),
      ...pacificaTrading(venue, builderFeeRate, times),
      ...pacificaTransfers(venue),
    };
  },
};

/** The venue takes nothing but version 4 UUIDs; this one's digits are those of our id's hash. */
function uuidOf(clientOrderId: string): string {
  const bytes = createHash("sha256").update(clientOrderId).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) % 16) + 0x40;
  bytes[8] = ((bytes[8] ?? 0) % 64) + 0x80;
  const digits = bytes.toString("hex");
  const cuts = [0, 8, 12, 16, 20, 32];
  return cuts
    .slice(1)
    .map((end, index) => digits.slice(cuts[index], end))
    .join("-");
}
