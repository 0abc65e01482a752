import { hibachiInfo, startHibachi } from "#tests/support/venues/hibachi-rig.ts";
import { describeOutcomes } from "./outcomes/describe-outcomes.ts";
import { hibachiOutcomes } from "./outcomes/hibachi.ts";

// After a rate limit the venue is left alone for a while, so each of those has a venue of its own.
const limits = hibachiOutcomes.filter(({ status }) => status === 429);
const others = hibachiOutcomes.filter(({ status }) => status !== 429);

describeOutcomes("Hibachi", others, makeRig);
for (const row of limits) describeOutcomes("Hibachi", [row], makeRig);

async function makeRig() {
  // Whatever is answered, the smallest order must be one that the guard lets through.
  const info = hibachiInfo();
  const contracts = info.futureContracts.map((one) => ({
    ...one,
    ...{ minNotional: "0.0000001", minOrderSize: "0.001", stepSize: "0.001" },
  }));
  const rig = await startHibachi({
    "GET /market/exchange-info": { ...info, futureContracts: contracts },
  });
  return {
    venue: rig.venue,
    symbol: "BTC/USDT-P",
    answerWith: (reply: () => Response) =>
      rig.server.faults.next({ method: "POST", path: "/trade/order", reply }),
    ordersSeen: () => rig.asked("POST /trade/order").length,
    stop: () => rig.server.stop(),
  };
}
