import { parseArgs } from "node:util";
import { readRecordedText } from "#src/sandbox/parse-replay-file.ts";
import { printYear } from "./print-year.ts";
import { readYear } from "./read-year.ts";
import { BARS, replayBars } from "./replay-bars.ts";
import { replayYear, YEAR } from "./replay-year.ts";

/**
 * `bun tests/replay/run-replay.ts --assets BTC,ETH,SOL [--pair hl-binance] [--since DAY] [--until DAY]`, or
 * `--spot binance --assets BTC,ETH` for perps against spot of one venue: what was recorded through the whole
 * product and through the backtest, and what lies between their results.
 */
const { values } = parseArgs({
  options: {
    data: { type: "string" },
    assets: { type: "string", default: "BTC,ETH,SOL" },
    since: { type: "string" },
    until: { type: "string" },
    pair: { type: "string", default: "hl-binance" },
    spot: { type: "string" },
    slippage: { type: "string", default: "0.00016" },
  },
});
const assets = values.assets.split(",");
const terms = { assets, notionalUsd: "10000", slippageRate: values.slippage };
const result = values.spot
  ? await replayBars({
      ...{ ...terms, venue: values.spot },
      text: await readRecordedText(values.data ?? BARS),
    })
  : await replayYear({ ...terms, pair: values.pair, text: await rowsOf(values.data ?? YEAR) });
process.stdout.write(`${printYear(result)}\n`);
process.exit(0);

async function rowsOf(file: string): Promise<string> {
  const at = (day: string | undefined) => (day ? Date.parse(day) : undefined);
  const text = await readYear(file, {
    // Whatever the pair is: only Binance's rows say where the price was.
    ...{ assets, venues: ["hyperliquid", "binance", "bybit"] },
    ...{ since: at(values.since), until: at(values.until) },
  });
  if (text !== null) return text;
  process.stderr.write(`${file}: there is no such file\n`);
  process.exit(2);
}
