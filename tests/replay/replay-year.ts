import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parsePair } from "#src/backtest/read/parse-pair.ts";
import { readRecording } from "#src/backtest/read/read-recording.ts";
import { loadReplayMarket } from "#src/sandbox/replay-market.ts";
import { type ReplayResult, type ReplayTerms, replayBoth } from "./replay-both.ts";
import type { ReplayFeed } from "./replay-rig.ts";

/** One real year; no part of the project. */
export const YEAR = "../shared/data/funding-2025-08_2026-08.csv.gz";

/** Funding of two venues' perps, hour by hour. */
export async function replayYear(
  options: ReplayTerms & {
    /** Rows of a recorded year, as text of the file's own format. */
    readonly text: string;
    readonly assets: readonly string[];
    /** Two venues as the backtest names them: the first is short at +1. */
    readonly pair: string;
  },
): Promise<ReplayResult> {
  const pair = parsePair(options.pair);
  if (!pair) throw new Error(`no pair ${options.pair}`);
  const { text } = options;
  const recording = readRecording(text, { file: "the rows", onProgress: () => undefined });
  const venues = [`${pair.first.venue}-sim`, `${pair.second.venue}-sim`] as const;
  const feed: ReplayFeed = { ...(await loadRows(text)), venues };
  const recorded = options.assets.map((asset) => {
    const series = recording.series({ asset, pair, stepHours: 1, withPrices: false });
    if (!series) throw new Error(`no series of ${asset}`);
    const perpOn = (venue: string) => {
      const found = feed.instruments(venue).find((one) => one.asset === asset);
      if (!found) throw new Error(`no ${asset} on ${venue}`);
      return found;
    };
    return { asset, series, legs: [perpOn(venues[0]), perpOn(venues[1])] as const };
  });
  return replayBoth(feed, recorded, options);
}

async function loadRows(text: string): Promise<ReplayFeed> {
  const folder = mkdtempSync(join(tmpdir(), "hedgerow-replay-"));
  try {
    const file = join(folder, "rows.csv");
    await Bun.write(file, text);
    return await loadReplayMarket(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
