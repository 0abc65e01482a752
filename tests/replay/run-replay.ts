import { parseArgs } from "node:util";
import { printYear } from "./print-year.ts";
import { readYear } from "./read-year.ts";
import { replayYear, YEAR } from "./replay-year.ts";

/**
 * `bun tests/replay/run-replay.ts --assets BTC,ETH,SOL [--pair hl-binance] [--since DAY] [--until DAY]`:
 * a recorded year through the whole product and through the backtest, and what lies between their results.
 */
const { values } = parseArgs({
  options: {
    data: { type: "string", default: YEAR },
    assets: { type: "string", default: "BTC,ETH,SOL" },
    since: { type: "string" },
    until: { type: "string" },
    pair: { type: "string", default: "hl-binance" },
    slippage: { type: "string", default: "0.00016" },
  },
});
const assets = values.assets.split(",");
// Whatever the pair is: only Binance's rows say where the price was.
const venues = ["hyperliquid", "binance", "bybit"];
const at = (text: string | undefined) => (text ? Date.parse(text) : undefined);
const text = await readYear(values.data, {
  ...{ assets, venues },
  since: at(values.since),
  until: at(values.until),
});
if (text === null) {
  process.stderr.write(`${values.data}: there is no such file\n`);
  process.exit(2);
}
const result = await replayYear({
  ...{ text, assets, notionalUsd: "10000", slippageRate: values.slippage },
  pair: values.pair,
});
process.stdout.write(`${printYear(result)}\n`);
process.exit(0);
