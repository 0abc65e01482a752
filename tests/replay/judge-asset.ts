import type { CarrySeries, LegStamps } from "#src/backtest/carry-series.ts";
import { runRuleSet } from "#src/backtest/rule-set.ts";
import type { RuleRun } from "#src/backtest/walk-series.ts";
import type { Decimal } from "#src/core/decimal.ts";
import { dec, sum } from "#src/core/decimal.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import type { Hedge } from "#src/core/hedge.ts";
import type { Instrument, VenueId } from "#src/core/instrument.ts";
import type { EpochMs } from "#src/core/units.ts";
import { ruleSetOf } from "#src/main/rule-set-of-settings.ts";
import type { Store } from "#src/ports/store.ts";
import { quoteCosts } from "./quote-costs.ts";
import {
  type BacktestSide,
  type Reconciliation,
  type ReplayedLeg,
  reconcileReplay,
} from "./reconcile-replay.ts";
import type { ReplayFeed, ReplayRig } from "./replay-rig.ts";

/** A position that was held; `to` is null at the end. */
export interface Hold {
  /** +1: short on the pair's first venue. */
  readonly direction: number;
  readonly from: EpochMs;
  readonly to: EpochMs | null;
}

export interface AssetResult extends Reconciliation {
  readonly asset: string;
  readonly product: readonly Hold[];
  readonly backtest: readonly Hold[];
  /** Of the backtest that knows no books and takes the assumed costs for the gate, too. */
  readonly assumedUsd: Decimal;
  /** What the product's scans said of the asset, and why nothing came of what they liked. */
  readonly verdicts: readonly { readonly at: EpochMs; readonly outcome: string }[];
}

export interface JudgeOptions {
  readonly asset: string;
  /** At +1 the backtest is short on the first and long on the second. */
  readonly venues: readonly [VenueId, VenueId];
  /** Of one leg. */
  readonly notionalUsd: string;
  /** What the backtest's result pays for one side's slippage, both legs. */
  readonly slippageRate: string;
  /** How long after a step the product looks for what to open. */
  readonly lookAfterMs: number;
}

/**
 * What the product did with an asset beside what the backtest of the same rules chose: its parameters are those
 * of the product's settings, and its gate is told what the product's own books said a round trip costs.
 */
export function judgeAsset(
  { store, feed, settings }: ReplayRig,
  series: CarrySeries,
  { asset, venues, notionalUsd, slippageRate, lookAfterMs }: JudgeOptions,
): AssetResult {
  const instruments = [find(feed, venues[0], asset), find(feed, venues[1], asset)] as const;
  const feeRate = sum(instruments.map((one) => one.takerFeeRate));
  const costs = { feeRate, slippageRate: dec(slippageRate), borrowPerHour: null };
  const rules = ruleSetOf(settings, { size: { usd: dec(notionalUsd) }, sees: "upcoming" });
  const quotedCost = quoteCosts(feed, settings, instruments, lookAfterMs);
  const open = shutBefore(series, feed.startAt - lookAfterMs);
  const run = runRuleSet(open, costs, { ...rules, quotedCost });
  const hedges = store.listHedges().filter((hedge) => hedge.asset === asset);
  const entries = hedges.flatMap(({ id }) => store.listLedgerEntries({ hedgeId: id }));
  const books = {
    legs: [legOf(feed, instruments[0]), legOf(feed, instruments[1])] as const,
    fills: hedges.flatMap(({ id }) => store.listFills(id)),
    payments: hedges.flatMap(({ id }) => store.listFundingPayments(id)),
    ledgerUsd: sum(entries.map((entry) => entry.amountUsd)),
  };
  const sideOf = (of: RuleRun): BacktestSide => ({
    ...{ ...costs, held: heldIn(open, of), notionalUsd: dec(notionalUsd) },
    sides: of.decisions.reduce((all, one) => all + Math.abs(one.to - one.from), 0),
  });
  const product = hedges.map((hedge) => asHold(hedge, venues[0]));
  return {
    ...reconcileReplay(books, sideOf(run)),
    assumedUsd: reconcileReplay(books, sideOf(runRuleSet(open, costs, rules))).backtestUsd,
    ...{ asset, product, backtest: holdsOf(run), verdicts: verdictsOn(store, asset) },
  };
}

function find(feed: ReplayFeed, venue: VenueId, asset: string): Instrument {
  const found = feed.instruments(venue).find((one) => one.asset === asset);
  if (!found) throw new Error(`no ${asset} on ${venue}`);
  return found;
}

function legOf(feed: ReplayFeed, { venue, symbol }: Instrument): ReplayedLeg {
  const settlements = feed.settlements(venue, 0, feed.endAt, symbol);
  return { venue, symbol, settlements, markAt: (at) => feed.mark(venue, symbol, at) };
}

function verdictsOn(store: Store, asset: string): AssetResult["verdicts"] {
  const said = store.listDecisions({ asset, limit: 100_000 }).filter(({ kind }) => kind === "scan");
  const came = store
    .listScanDecisions({ asset, limit: 100_000 })
    .flatMap(({ at, results }) => results.map(({ kind, ref }) => ({ at, kind, outcome: ref })))
    .filter(({ kind }) => kind === "denied" || kind === "unavailable");
  return [...said, ...came].map(({ at, outcome }) => ({ at, outcome })).sort((a, b) => a.at - b.at);
}

/** The backtest opens nothing before the product first looks: until then no payment is ever near. */
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

function asHold({ openedAt, closedAt, legs }: Hedge, first: VenueId): Hold {
  const short = legs.find((one) => one.side === "short");
  return { direction: short?.venue === first ? 1 : -1, from: openedAt, to: closedAt };
}

function holdsOf({ decisions }: RuleRun): readonly Hold[] {
  return decisions.flatMap((one, index) =>
    one.to === 0 ? [] : [{ direction: one.to, from: one.at, to: decisions[index + 1]?.at ?? null }],
  );
}
