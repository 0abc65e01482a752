import {
  bybitInstrument,
  connectBybit,
  startBybitSaying,
} from "#tests/support/venues/bybit-rig.ts";
import { bybitOutcomes } from "./outcomes/bybit.ts";
import { describeOutcomes } from "./outcomes/describe-outcomes.ts";

const eth = bybitInstrument({
  ...{ symbol: "ETHUSDT", baseCoin: "ETH" },
  lotSizeFilter: { qtyStep: "0.1", minOrderQty: "0.1", minNotionalValue: "5" },
});
const CREATE = "/v5/order/create";

describeOutcomes("Bybit", bybitOutcomes, async () => {
  const server = startBybitSaying({
    "/v5/market/instruments-info": (query: URLSearchParams) => ({
      list: query.get("status") === "PreLaunch" ? [] : [eth],
    }),
  });
  return {
    venue: await connectBybit(server),
    symbol: "ETHUSDT",
    answerWith: (reply) => server.faults.next({ path: CREATE, reply }),
    ordersSeen: () => server.seen.filter(({ url }) => url.pathname === CREATE).length,
    stop: server.stop,
  };
});
