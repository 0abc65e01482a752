import { notionalUsd } from "#src/core/units.ts";
import { createSteadyMarket } from "#tests/support/steady-market.ts";
import { createBinanceRig } from "#tests/support/venues/binance-rig.ts";
import { binanceOutcomes } from "./outcomes/binance.ts";
import { describeOutcomes } from "./outcomes/describe-outcomes.ts";

describeOutcomes("Binance", binanceOutcomes, makeRig);

async function makeRig() {
  // Whatever is answered, the smallest order must be one that the guard lets through.
  const instrument = { symbol: "BTCUSDT", minNotionalUsd: notionalUsd("0.01") };
  const feed = createSteadyMarket({ "binance-sim": { instrument } });
  const { server, venue } = await createBinanceRig({ server: { feed } });
  const path = "/fapi/v1/order";
  return {
    venue,
    symbol: "BTCUSDT",
    answerWith: (reply: () => Response) => server.faults.next({ method: "POST", path, reply }),
    ordersSeen: () =>
      server.seen.filter(({ method, url }) => method === "POST" && url.pathname === path).length,
    stop: () => server.stop(),
  };
}
