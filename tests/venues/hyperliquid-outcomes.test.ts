import { baseSize } from "#src/core/units.ts";
import { createSteadyMarket } from "#tests/support/steady-market.ts";
import { createHyperliquidRig, signedRequests } from "#tests/support/venues/hyperliquid-rig.ts";
import { describeOutcomes } from "./outcomes/describe-outcomes.ts";
import { hyperliquidOutcomes } from "./outcomes/hyperliquid.ts";

describeOutcomes("Hyperliquid", hyperliquidOutcomes, async () => {
  // A lot that is worth more than the venue's least order at any price that the runner asks.
  const lot = baseSize("0.01");
  const instrument = { symbol: "BTC", lotStepBase: lot, minSizeBase: lot };
  const feed = createSteadyMarket({ steady: { price: "60000", instrument } });
  const { server, venue } = await createHyperliquidRig({ feed, unhurried: true });
  return {
    ...{ venue, symbol: "BTC" },
    answerWith: (reply) => server.faults.next({ path: "/exchange", reply }),
    ordersSeen: () => signedRequests(server).length,
    stop: () => server.stop(),
  };
});
