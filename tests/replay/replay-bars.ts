import type { CarrySeries } from "#src/backtest/carry-series.ts";
import { spotPair } from "#src/backtest/read/parse-pair.ts";
import { readRecording } from "#src/backtest/read/read-recording.ts";
import { isSpotSymbol } from "#src/core/instrument.ts";
import { createBarsFeed } from "./bars-feed.ts";
import { type ReplayResult, type ReplayTerms, replayBoth } from "./replay-both.ts";

/** Spot and perps in bars of 8 hours; no part of the project. */
export const BARS = "../shared/data/spot-perp-8h-2023-01_2024-07.csv.gz";

/** One venue's perps against its own spot. */
export async function replayBars(
  options: ReplayTerms & {
    /** The recording's own text. */
    readonly text: string;
    readonly assets: readonly string[];
    /** As the recording names it. */
    readonly venue: string;
  },
): Promise<ReplayResult> {
  const { text, venue, assets } = options;
  const recording = readRecording(text, { file: "the bars", onProgress: () => undefined });
  const pair = spotPair(venue);
  const all = assets.map((asset) => {
    const series = recording.series({ asset, pair, stepHours: null, withPrices: true });
    if (!series) throw new Error(`no bars of ${asset} on ${venue}`);
    return withUpcoming(series);
  });
  const feed = createBarsFeed(`${pair.first.venue}-sim`, all);
  const listed = feed.instruments(feed.venues[0] ?? "");
  const recorded = all.map((series) => {
    const own = listed.filter(({ asset }) => asset === series.asset);
    const perp = own.find(({ symbol }) => !isSpotSymbol(symbol));
    const spot = own.find(({ symbol }) => isSpotSymbol(symbol));
    if (!perp || !spot) throw new Error(`no ${series.asset}`);
    return { asset: series.asset, series, legs: [perp, spot] as const };
  });
  return replayBoth(feed, recorded, options);
}

/** The rate that settles next is what the feed publishes as upcoming. */
function withUpcoming(series: CarrySeries): CarrySeries {
  const { settled8h } = series;
  const next = settled8h.map((units, step) => settled8h[step + 1] ?? units);
  return { ...series, upcoming8h: next };
}
