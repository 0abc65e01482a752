import type { Quirks, VenueProfile } from "#src/venues/ccxt/driver.ts";
import { hibachiAccount } from "./hibachi/hibachi-account.ts";
import { asHibachi } from "./hibachi/hibachi-client.ts";
import { hibachiHistory } from "./hibachi/hibachi-history.ts";
import { hibachiMarket } from "./hibachi/hibachi-market.ts";
import { HibachiMemory } from "./hibachi/hibachi-memory.ts";
import { hibachiOrders } from "./hibachi/hibachi-orders.ts";
import { HIBACHI_NOT_FOUND, HIBACHI_REFUSALS } from "./hibachi/hibachi-replies.ts";
import { signOurWay } from "./hibachi/hibachi-signing.ts";
import { hibachiTransfers } from "./hibachi/hibachi-transfers.ts";

const profile: VenueProfile = {
  id: "hibachi",
  name: "Hibachi",
  ccxtName: "hibachi",
  hosts: ["api.hibachi.xyz", "data-api.hibachi.xyz"],
  testHosts: [],
  rehearsal: null,
  credentials: ["apiKey", "accountId", "privateKey"],
  // No client ids, so after a restart nobody can say which order was ours: nothing opens here by itself.
  capabilities: { provable: false, restingFence: false },
  listFees: { taker: "0.00045", maker: "0.00015" },
  budget: { perSecond: 10, burst: 20 },
  refusals: HIBACHI_REFUSALS,
  notFound: HIBACHI_NOT_FOUND,
  // ccxt has no streams of it.
  streams: null,
};

/** Hibachi's perpetuals, in USDT. */
export const hibachi: Quirks = {
  profile,
  options: () => ({}),
  // A name between the adapter and this driver; nothing on the wire carries it.
  wireIdOf: (clientOrderId) => clientOrderId,
  create(parts) {
    const exchange = asHibachi(parts.exchange);
    const memory = new HibachiMemory();
    signOurWay(exchange, memory);
    return {
      profile,
      setLeverage: null,
      ...hibachiMarket(exchange, profile),
      ...hibachiAccount(exchange, profile),
      ...hibachiHistory(exchange, profile, memory),
      ...hibachiTransfers(exchange, profile),
      ...hibachiOrders(exchange, memory),
    };
  },
};
