import { type Decimal, dec, decFromInteger, sum } from "#src/core/decimal.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import type { EpochMs } from "#src/core/units.ts";
import { type AssetResult, judgeAsset, type RecordedAsset } from "./judge-asset.ts";
import { openReplay, type ReplayFeed, type ReplayRig } from "./replay-rig.ts";

const MINUTE_MS = 60_000;
const BUCKET_MS = 8 * HOUR_MS;
/** The product opens with the first of the minutes before a payment. */
const LOOK_BEFORE_MS = 30 * MINUTE_MS;

export interface ReplayTerms {
  /** Of one leg. */
  readonly notionalUsd: string;
  /** What the backtest's result pays for one side's slippage, both legs. */
  readonly slippageRate: string;
}

export interface ReplayResult {
  readonly assets: readonly AssetResult[];
  /** What both accounts gained. */
  readonly equityUsd: Decimal;
  /** Of that, what no entry of the ledger explains. */
  readonly unbookedUsd: Decimal;
  /** How often a mandate was armed, each with a tap. */
  readonly arms: number;
  readonly texts: readonly string[];
}

/** A recorded market through the whole product under a mandate, and through the backtest, side by side. */
export async function replayBoth(
  feed: ReplayFeed,
  recorded: readonly RecordedAsset[],
  terms: ReplayTerms,
): Promise<ReplayResult> {
  const assets = recorded.map(({ asset }) => asset);
  const rig = await openReplay({ feed, settings: settingsOf(assets, terms) });
  try {
    const before = await equityOf(rig);
    const arms = await walk(rig, recorded);
    await closeAll(rig);
    const equityUsd = (await equityOf(rig)).minus(before);
    const lookAfterMs = stepOf(recorded) - LOOK_BEFORE_MS;
    const judged = recorded.map((one) => judgeAsset(rig, one, { ...terms, lookAfterMs }));
    await rig.flush();
    return {
      ...{ assets: judged, equityUsd, arms, texts: await rig.texts() },
      unbookedUsd: equityUsd.minus(sum(judged.map((one) => one.productUsd))),
    };
  } finally {
    await rig.stop();
  }
}

function stepOf(recorded: readonly RecordedAsset[]): number {
  return Math.min(...recorded.map(({ series }) => series.stepHours)) * HOUR_MS;
}

/**
 * The rules without their floors (few trades would be left to compare), for takers alone, with room for one
 * hedge of this size an asset. The backtest takes its parameters from the same settings.
 */
function settingsOf(assets: readonly string[], { notionalUsd }: ReplayTerms) {
  // What hedges are worth when the market has risen takes no room from the others.
  const totalUsd = dec(notionalUsd).times(decFromInteger(assets.length)).times("10").toFixed();
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

/**
 * Of every step the moments of the schedule at which something can change: half an hour before payments what may
 * be opened, after them what must be left. In between the scans would see the same. Both sides end where the
 * first of the series does. Answers how often a mandate was armed.
 */
async function walk(rig: ReplayRig, recorded: readonly RecordedAsset[]): Promise<number> {
  let arms = 0;
  const held = () => rig.store.listHedges(["open"]).length;
  const stepMs = stepOf(recorded);
  const until = Math.min(...recorded.map(({ series }) => series.endAt.at(-1) ?? 0));
  for (let at = Math.ceil(rig.feed.startAt / stepMs) * stepMs; at <= until; at += stepMs) {
    if (!rig.store.armedMandate()) {
      await rig.arm();
      arms += 1;
    }
    if (held() < recorded.length) await step(rig, at - LOOK_BEFORE_MS, () => rig.pipeline.scan());
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
