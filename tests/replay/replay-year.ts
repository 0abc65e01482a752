import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CarrySeries, LegStamps } from "#src/backtest/carry-series.ts";
import { parsePair } from "#src/backtest/read/parse-pair.ts";
import { readRecording } from "#src/backtest/read/read-recording.ts";
import { runRuleSet } from "#src/backtest/rule-set.ts";
import type { RuleRun } from "#src/backtest/walk-series.ts";
import { type Decimal, dec, decFromInteger, sum } from "#src/core/decimal.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import type { Hedge } from "#src/core/hedge.ts";
import type { EpochMs } from "#src/core/units.ts";
import { ruleSetOf } from "#src/main/rule-set-of-settings.ts";
import type { Store } from "#src/ports/store.ts";
import { type BacktestSide, type Reconciliation, reconcileReplay } from "./reconcile-replay.ts";
import { openReplay, type ReplayRig } from "./replay-rig.ts";

/** One real year; no part of the project. */
export const YEAR = "../shared/data/funding-2025-08_2026-08.csv.gz";

const MINUTE_MS = 60_000;
const BUCKET_MS = 8 * HOUR_MS;
const PAIR = ["hyperliquid-sim", "binance-sim"] as const;

export interface YearOptions {
  /** Rows of a recorded year, as text of the file's own format. */
  readonly text: string;
  readonly assets: readonly string[];
  /** Of one leg. */
  readonly notionalUsd: string;
  /** What the backtest takes as the costs of one side, both legs. */
  readonly feeRate: string;
  readonly slippageRate: string;
  /** How often what is held is looked at: 1, 2, 4 or 8. */
  readonly scanHours: number;
}

/** A position that was held; `to` is null at the end. */
export interface Hold {
  /** +1: short on Hyperliquid. */
  readonly direction: number;
  readonly from: EpochMs;
  readonly to: EpochMs | null;
}

export interface AssetResult extends Reconciliation {
  readonly asset: string;
  readonly product: readonly Hold[];
  readonly backtest: readonly Hold[];
  /** What the product's scans said of the asset, and why nothing came of what they liked. */
  readonly verdicts: readonly { readonly at: EpochMs; readonly outcome: string }[];
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
  const { file, remove } = await writeRows(options.text);
  const rig = await openReplay({ file, venues: PAIR, settings: settingsOf(options) });
  try {
    const before = await equityOf(rig);
    const arms = await walk(rig, options);
    await closeAll(rig);
    const equityUsd = (await equityOf(rig)).minus(before);
    const recording = readRecording(options.text, { file, onProgress: () => undefined });
    const pair = parsePair("hl-binance");
    if (!pair) throw new Error("no pair");
    const assets = options.assets.map((asset) => {
      const series = recording.series({ asset, pair, stepHours: 1, withPrices: false });
      if (!series) throw new Error(`no series of ${asset}`);
      return judge(rig, options, asset, shutBefore(series, rig.feed.startAt));
    });
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

/**
 * The rules without their floors (few trades would be left to compare), for takers alone, with room for one
 * hedge of this size an asset. The backtest takes its parameters from the same settings.
 */
function settingsOf({ assets, notionalUsd }: YearOptions) {
  const totalUsd = dec(notionalUsd).times(decFromInteger(assets.length)).toFixed();
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
    paper: { startingCashUsd: dec(totalUsd).times("4").toFixed() },
  };
}

async function writeRows(text: string): Promise<{ readonly file: string; remove(): void }> {
  const folder = mkdtempSync(join(tmpdir(), "hedgerow-replay-"));
  const file = join(folder, "rows.csv");
  await Bun.write(file, text);
  return { file, remove: () => rmSync(folder, { recursive: true }) };
}

/**
 * The schedule's moments at which something can change: half an hour before a payment what may be opened,
 * after it what must be left. In between the scans would see the same. Answers how often a mandate was armed.
 */
async function walk(rig: ReplayRig, { scanHours, assets }: YearOptions): Promise<number> {
  let arms = 0;
  const held = () => rig.store.listHedges(["open"]).length;
  const first = Math.ceil(rig.feed.startAt / HOUR_MS) * HOUR_MS;
  for (let at = first; at <= rig.feed.endAt; at += HOUR_MS) {
    if (!rig.store.armedMandate()) {
      await rig.arm();
      arms += 1;
    }
    const looks = at % (scanHours * HOUR_MS) === 0;
    const opens = looks && held() < assets.length;
    if (opens) await step(rig, at - 30 * MINUTE_MS, () => rig.pipeline.scan());
    if (at % BUCKET_MS === 0) {
      await step(rig, at + 10_000, () => rig.pipeline.bookFunding());
      await rig.pipeline.watch();
    }
    if (looks && held() > 0) await step(rig, at + 5 * MINUTE_MS, () => rig.pipeline.scan());
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

function judge(
  { store, feed, settings }: ReplayRig,
  { feeRate, slippageRate, notionalUsd }: YearOptions,
  asset: string,
  series: CarrySeries,
): AssetResult {
  const hedges = store.listHedges().filter((hedge) => hedge.asset === asset);
  const costs = { feeRate: dec(feeRate), slippageRate: dec(slippageRate), borrowPerHour: null };
  const size = { usd: dec(notionalUsd) };
  const rules = ruleSetOf(settings, { size, sees: "upcoming" });
  const run = runRuleSet(series, costs, rules);
  const leg = (venue: string) => {
    const symbol = feed.instruments(venue).find((one) => one.asset === asset)?.symbol ?? "";
    return {
      ...{ venue, symbol, settlements: feed.settlements(venue, 0, feed.endAt, symbol) },
      markAt: (at: EpochMs): Decimal => feed.mark(venue, symbol, at),
    };
  };
  const entries = hedges.flatMap(({ id }) => store.listLedgerEntries({ hedgeId: id }));
  const books = {
    legs: [leg(PAIR[0]), leg(PAIR[1])] as const,
    fills: hedges.flatMap(({ id }) => store.listFills(id)),
    payments: hedges.flatMap(({ id }) => store.listFundingPayments(id)),
    ledgerUsd: sum(entries.map((entry) => entry.amountUsd)),
  };
  const side: BacktestSide = {
    ...{ ...costs, held: heldIn(series, run), notionalUsd: dec(notionalUsd) },
    sides: run.decisions.reduce((all, one) => all + Math.abs(one.to - one.from), 0),
  };
  return {
    ...reconcileReplay(books, side),
    ...{ asset, product: hedges.map(asHold), backtest: holdsOf(run) },
    verdicts: verdictsOn(store, asset),
  };
}

function verdictsOn(store: Store, asset: string): AssetResult["verdicts"] {
  const said = store.listDecisions({ asset, limit: 100_000 }).filter(({ kind }) => kind === "scan");
  const came = store
    .listScanDecisions({ asset, limit: 100_000 })
    .flatMap(({ at, results }) => results.map(({ kind, ref }) => ({ at, kind, outcome: ref })))
    .filter(({ kind }) => kind === "denied" || kind === "unavailable");
  return [...said, ...came].map(({ at, outcome }) => ({ at, outcome })).sort((a, b) => a.at - b.at);
}

/** The backtest opens nothing before the product runs: until then no payment is ever near. */
function shutBefore(series: CarrySeries, start: EpochMs): CarrySeries {
  const { stamps, endAt } = series;
  if (!stamps) throw new Error(`no payments of ${series.asset}`);
  const shut = (of: LegStamps): LegStamps => ({
    ...of,
    hours: of.hours.map((hours, step) => ((endAt[step] ?? 0) < start ? 8 : hours)),
    nextAt: of.nextAt.map((at, step) => {
      const end = endAt[step] ?? 0;
      return end < start ? end + 2 * HOUR_MS : at;
    }),
  });
  return { ...series, stamps: { first: shut(stamps.first), second: shut(stamps.second) } };
}

/** What was chosen after a step is held when the next one settles. */
function heldIn({ endAt }: CarrySeries, { positions }: RuleRun): BacktestSide["held"] {
  const steps = new Map([...endAt].map((at, step) => [at, step]));
  return (at) => positions[(steps.get(at) ?? 0) - 1] ?? 0;
}

function asHold({ openedAt, closedAt, legs }: Hedge): Hold {
  const short = legs.find((one) => one.side === "short");
  return { direction: short?.venue === PAIR[0] ? 1 : -1, from: openedAt, to: closedAt };
}

function holdsOf({ decisions }: RuleRun): readonly Hold[] {
  return decisions.flatMap((one, index) =>
    one.to === 0 ? [] : [{ direction: one.to, from: one.at, to: decisions[index + 1]?.at ?? null }],
  );
}
