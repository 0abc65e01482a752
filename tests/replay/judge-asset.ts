import type { CarrySeries } from "#src/backtest/carry-series.ts";
import { type RuleSet, runRuleSet } from "#src/backtest/rule-set.ts";
import type { RuleRun } from "#src/backtest/walk-series.ts";
import { type Decimal, dec, ONE, sum } from "#src/core/decimal.ts";
import type { Hedge } from "#src/core/hedge.ts";
import type { Instrument } from "#src/core/instrument.ts";
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
import type { ReplayTerms } from "./replay-both.ts";
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

/** What a recording has of an asset, and where the product can trade it. */
export interface RecordedAsset {
  readonly asset: string;
  readonly series: CarrySeries;
  /** At +1 the backtest is short on the first and long on the second. */
  readonly legs: readonly [Instrument, Instrument];
}

/**
 * What the product did with an asset beside what the backtest of the same rules chose: its parameters are those
 * of the product's settings, and its gate is told what the product's own books said a round trip costs. The
 * product looks for what to open `lookAfterMs` after a step.
 */
export function judgeAsset(
  { store, feed, settings }: ReplayRig,
  { asset, series, legs }: RecordedAsset,
  terms: ReplayTerms & { readonly lookAfterMs: number },
): AssetResult {
  const { lookAfterMs } = terms;
  const notionalUsd = dec(terms.notionalUsd);
  const feeRate = sum(legs.map((one) => one.takerFeeRate));
  const costs = { feeRate, slippageRate: dec(terms.slippageRate), borrowPerHour: null };
  const rules = ruleSetOf(settings, { size: { usd: notionalUsd }, sees: "upcoming" });
  const assumed = feeRate
    .times("2")
    .plus(costs.slippageRate.times(rules.exitSlipMultiple.plus(ONE)));
  const runWith = (quote: Quote) => {
    // It opens nothing before the product first looks.
    const quotedCost: Quote = (to, at) =>
      at + lookAfterMs < feed.startAt ? NOTHING_PAYS : quote(to, at);
    return runRuleSet(series, costs, { ...rules, quotedCost });
  };
  const run = runWith(quoteCosts(feed, settings, legs, lookAfterMs));
  const hedges = store.listHedges().filter((hedge) => hedge.asset === asset);
  const entries = hedges.flatMap(({ id }) => store.listLedgerEntries({ hedgeId: id }));
  const books = {
    legs: [legOf(feed, legs[0]), legOf(feed, legs[1])] as const,
    fills: hedges.flatMap(({ id }) => store.listFills(id)),
    payments: hedges.flatMap(({ id }) => store.listFundingPayments(id)),
    ledgerUsd: sum(entries.map((entry) => entry.amountUsd)),
  };
  const sideOf = (of: RuleRun): BacktestSide => ({
    ...{ ...costs, held: heldIn(series, of), notionalUsd },
    sides: of.decisions.reduce((all, one) => all + Math.abs(one.to - one.from), 0),
  });
  return {
    ...reconcileReplay(books, sideOf(run)),
    assumedUsd: reconcileReplay(books, sideOf(runWith(() => assumed))).backtestUsd,
    ...{ asset, backtest: holdsOf(run), verdicts: verdictsOn(store, asset) },
    product: hedges.map((hedge) => asHold(hedge, legs[0])),
  };
}

type Quote = NonNullable<RuleSet["quotedCost"]>;
const NOTHING_PAYS = dec("1");

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

/** What was chosen after a step is held when the next one settles. */
function heldIn({ endAt }: CarrySeries, { positions }: RuleRun): BacktestSide["held"] {
  const steps = new Map([...endAt].map((at, step) => [at, step]));
  return (at) => positions[(steps.get(at) ?? 0) - 1] ?? 0;
}

function asHold({ openedAt, closedAt, legs }: Hedge, { venue, symbol }: Instrument): Hold {
  const first = legs.find((one) => one.venue === venue && one.symbol === symbol);
  return { direction: first?.side === "short" ? 1 : -1, from: openedAt, to: closedAt };
}

function holdsOf({ decisions }: RuleRun): readonly Hold[] {
  return decisions.flatMap((one, index) =>
    one.to === 0 ? [] : [{ direction: one.to, from: one.at, to: decisions[index + 1]?.at ?? null }],
  );
}
