import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CarrySeries } from "#src/backtest/carry-series.ts";
import { parsePair } from "#src/backtest/read/parse-pair.ts";
import { readRecording } from "#src/backtest/read/read-recording.ts";
import { type Decimal, dec, decFromInteger, sum } from "#src/core/decimal.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import type { EpochMs } from "#src/core/units.ts";
import { type AssetResult, judgeAsset } from "./judge-asset.ts";
import { openReplay, type ReplayRig } from "./replay-rig.ts";

/** One real year; no part of the project. */
export const YEAR = "../shared/data/funding-2025-08_2026-08.csv.gz";

const MINUTE_MS = 60_000;
const BUCKET_MS = 8 * HOUR_MS;
/** When the product looks for what to open: with the first of the minutes before a payment. */
const LOOK_AFTER_MS = 30 * MINUTE_MS;

export interface YearOptions {
  /** Rows of a recorded year, as text of the file's own format. */
  readonly text: string;
  readonly assets: readonly string[];
  /** Of one leg. */
  readonly notionalUsd: string;
  /** What the backtest's result pays for one side's slippage, both legs. */
  readonly slippageRate: string;
  /** Two venues as the backtest names them: the first is short at +1. */
  readonly pair: string;
}

export interface YearResult {
  readonly assets: readonly AssetResult[];
  /** What both accounts gained. */
  readonly equityUsd: Decimal;
  /** Of that, what no entry of the ledger explains. */
  readonly unbookedUsd: Decimal;
  /** How often a mandate was armed, each with a tap. */
  readonly arms: number;
  readonly texts: readonly string[];
}

/** The recording through the whole product under a mandate, and through the backtest, side by side. */
export async function replayYear(options: YearOptions): Promise<YearResult> {
  const { text, assets: names, notionalUsd, slippageRate } = options;
  const pair = parsePair(options.pair);
  if (!pair) throw new Error(`no pair ${options.pair}`);
  const { file, remove } = await writeRows(text);
  const recording = readRecording(text, { file, onProgress: () => undefined });
  const recorded = names.map((asset) => {
    const series = recording.series({ asset, pair, stepHours: 1, withPrices: false });
    if (!series) throw new Error(`no series of ${asset}`);
    return { asset, series };
  });
  const venues = [`${pair.first.venue}-sim`, `${pair.second.venue}-sim`] as const;
  const rig = await openReplay({ file, venues, settings: settingsOf(options) });
  try {
    const before = await equityOf(rig);
    const arms = await walk(rig, options, endOf(recorded));
    await closeAll(rig);
    const equityUsd = (await equityOf(rig)).minus(before);
    const terms = { venues, notionalUsd, slippageRate, lookAfterMs: LOOK_AFTER_MS };
    const assets = recorded.map(({ asset, series }) =>
      judgeAsset(rig, series, { ...terms, asset }),
    );
    await rig.flush();
    return {
      ...{ assets, equityUsd, arms, texts: await rig.texts() },
      unbookedUsd: equityUsd.minus(sum(assets.map((one) => one.productUsd))),
    };
  } finally {
    remove();
    await rig.stop();
  }
}

/** Both sides end where the first of the series does: what comes after is no complete day of both venues. */
function endOf(recorded: readonly { readonly series: CarrySeries }[]): EpochMs {
  return Math.min(...recorded.map(({ series }) => series.endAt.at(-1) ?? 0));
}

/**
 * The rules without their floors (few trades would be left to compare), for takers alone, with room for one
 * hedge of this size an asset. The backtest takes its parameters from the same settings.
 */
function settingsOf({ assets, notionalUsd }: YearOptions) {
  // What hedges are worth when the market has risen takes no room from the others.
  const totalUsd = dec(notionalUsd).times(decFromInteger(assets.length)).times("4").toFixed();
  return {
    limits: { hardCapUsd: notionalUsd, leverage: "1" },
    entry: { minNetAprOnCapital: "0", seed2Base: "0", seed2Per10k: "0" },
    report: { cashYield: "0" },
    filter: { maxBidAsk: "0.001" },
    exit: { maxAgeDays: 365, negativeTolerance8h: "0" },
    execution: { makerWaitMs: 0 },
    mandate: {
      ...{ perHedgeUsd: notionalUsd, totalUsd, days: 90, assets: [...assets] },
      ...{ opensPerDay: 50, lossPerDayUsd: "50000" },
    },
    stops: { dailyLossUsd: "50000" },
    paper: { startingCashUsd: totalUsd },
  };
}

async function writeRows(text: string): Promise<{ readonly file: string; remove(): void }> {
  const folder = mkdtempSync(join(tmpdir(), "hedgerow-replay-"));
  const file = join(folder, "rows.csv");
  await Bun.write(file, text);
  return { file, remove: () => rmSync(folder, { recursive: true }) };
}

/**
 * Every hour the moments of the schedule at which something can change: half an hour before payments what may be
 * opened, after them what must be left. In between the scans would see the same. Answers how often a mandate
 * was armed.
 */
async function walk(rig: ReplayRig, { assets }: YearOptions, until: EpochMs): Promise<number> {
  let arms = 0;
  const held = () => rig.store.listHedges(["open"]).length;
  const first = Math.ceil(rig.feed.startAt / HOUR_MS) * HOUR_MS;
  for (let at = first; at <= until; at += HOUR_MS) {
    if (!rig.store.armedMandate()) {
      await rig.arm();
      arms += 1;
    }
    if (held() < assets.length) {
      await step(rig, at - HOUR_MS + LOOK_AFTER_MS, () => rig.pipeline.scan());
    }
    if (at % BUCKET_MS === 0) {
      await step(rig, at + 10_000, () => rig.pipeline.bookFunding());
      await rig.pipeline.watch();
    }
    if (held() > 0 && at < until) await step(rig, at + 5 * MINUTE_MS, () => rig.pipeline.scan());
  }
  return arms;
}

async function step(rig: ReplayRig, at: EpochMs, work: () => Promise<void>): Promise<void> {
  rig.goTo(at);
  await rig.pipeline.tend();
  await work();
}

async function closeAll(rig: ReplayRig): Promise<void> {
  await rig.pipeline.kill("the end of the recording");
  rig.goTo(rig.marketNow() + MINUTE_MS);
  await rig.pipeline.bookFunding();
  await rig.pipeline.tend();
}

async function equityOf(rig: ReplayRig): Promise<Decimal> {
  const accounts = [...rig.venues.values()].map((venue) => venue.account.account());
  return sum((await Promise.all(accounts)).map((one) => one.equityUsd));
}
