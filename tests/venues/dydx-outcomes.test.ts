import { startDydx } from "#tests/support/venues/dydx-rig.ts";
import { describeOutcomes } from "./outcomes/describe-outcomes.ts";
import { dydxOutcomes } from "./outcomes/dydx.ts";

// After a rate limit the venue is left alone for a while, so each of those has a venue of its own.
const limits = dydxOutcomes.filter(({ status }) => status === 429);
const others = dydxOutcomes.filter(({ status }) => status !== 429);

describeOutcomes("dYdX", others, makeRig);
for (const row of limits) describeOutcomes("dYdX", [row], makeRig);

async function makeRig() {
  const route = "GET /broadcast_tx_sync";
  const rig = await startDydx();
  return {
    venue: rig.venue,
    symbol: "BTC-USD",
    answerWith: (reply: () => Response) =>
      rig.server.faults.next({ path: "/broadcast_tx_sync", reply }),
    ordersSeen: () => rig.asked(route).length,
    stop: () => rig.server.stop(),
  };
}
