import { scriptedOkx, swap } from "#tests/support/venues/okx-rig.ts";
import { describeOutcomes } from "./outcomes/describe-outcomes.ts";
import { okxOutcomes } from "./outcomes/okx.ts";

// A coarse tick, so that the suite's prices are worth something.
const eth = swap({
  ...{ instId: "ETH-USDT-SWAP", instFamily: "ETH-USDT", uly: "ETH-USDT", ctValCcy: "ETH" },
  ...{ ctVal: "0.1", lotSz: "1", minSz: "1", tickSz: "0.1" },
});
const ORDER = "/api/v5/trade/order";

describeOutcomes("OKX", okxOutcomes, async () => {
  const { venue, loopback } = await scriptedOkx({ "GET public/instruments": [eth] });
  return {
    ...{ venue, symbol: "ETH-USDT-SWAP", stop: loopback.stop },
    answerWith: (reply) => loopback.faults.next({ method: "POST", path: ORDER, reply }),
    ordersSeen: () => loopback.seen.filter(({ url }) => url.pathname === ORDER).length,
  };
});
