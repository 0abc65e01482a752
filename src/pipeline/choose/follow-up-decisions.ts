import { dec, sum } from "#src/core/decimal.ts";
import {
  type CloseRow,
  closeRowOf,
  type OpenRow,
  openRowOf,
  type Slot,
} from "#src/core/decision.ts";
import { describeError } from "#src/core/errors.ts";
import { DAY_MS, HOUR_MS, intervalToMs } from "#src/core/funding.ts";
import type { VenueId } from "#src/core/instrument.ts";
import { type EpochMs, type Rate, rate, type Usd, usd } from "#src/core/units.ts";
import { askVenue } from "#src/execution/fate/ask-venue.ts";
import { profitAndLoss } from "#src/ledger/profit-and-loss.ts";
import type { PipelineContext } from "#src/pipeline/context.ts";
import { marketMoment, moneyOf } from "#src/pipeline/show/money.ts";
import type { DecisionOutcome, ScanDecision } from "#src/ports/decision-store.ts";
import { measuredSlot } from "#src/reports/choice-view.ts";

/** A history that is still missing so long after it was due (market time) will not come. */
const GIVE_UP_AFTER_MS = 7 * DAY_MS;
/** The value of an open hedge is what it is now: so late (market time) it is not that of the horizon. */
const VALUE_LATE_MS = 2 * HOUR_MS;
const HISTORY_DEADLINE_MS = 10_000;
/** A round that was away for long has a lot to catch up; the rest is for the next one. What waits is not counted. */
const MOST_SETTLED = 100;

/** Measures the choices whose horizon is over, from what the venues settled. Missed hours are caught up. */
export async function followUpDecisions(context: PipelineContext): Promise<void> {
  const { store, clock } = context;
  const read = createHistories(context);
  let settled = 0;
  for (const due of store.dueOutcomes(clock.marketNow())) {
    const decision = store.getScanDecision(due.decisionId);
    const outcome = decision && (await measure(context, decision, due, read));
    if (!outcome) continue;
    store.transaction(() => store.settleOutcome(outcome));
    settled += 1;
    if (settled === MOST_SETTLED) return;
  }
}

/** Null while a history is missing that may still come. */
async function measure(
  context: PipelineContext,
  decision: ScanDecision,
  due: DecisionOutcome,
  read: Histories,
): Promise<DecisionOutcome | null> {
  const [netRate, policyNetRate] = await Promise.all([
    netOf(decision, measuredSlot(decision), due.dueAt, read),
    netOf(decision, decision.policyChoice, due.dueAt, read),
  ]);
  const missing = netRate === "missing" || policyNetRate === "missing";
  if (missing && context.clock.marketNow() - due.dueAt < GIVE_UP_AFTER_MS) return null;
  const pnlUsd = await pnlOf(context, decision, due.dueAt);
  const known = {
    netRate: netRate === "missing" ? null : netRate,
    policyNetRate: policyNetRate === "missing" ? null : policyNetRate,
  };
  return { ...due, ...known, pnlUsd, state: missing ? "unknown" : "known" };
}

/**
 * An opened pair: what it was paid until then, less all four fills. A closed one: what keeping it would have
 * cost. Null where there is nothing to measure.
 */
async function netOf(
  decision: ScanDecision,
  slot: Slot,
  until: EpochMs,
  read: Histories,
): Promise<Rate | null | "missing"> {
  const { table, at } = decision;
  const open = openRowOf(table, slot);
  const close = closeRowOf(table, slot);
  const places = open ? placesOf(open) : close ? await read.placesOfHedge(close) : null;
  if (!places) return null;
  const [short, long] = await Promise.all([
    read.settled(places.short, at, until),
    read.settled(places.long, at, until),
  ]);
  if (!short || !long) return "missing";
  const spread = short.minus(long);
  return rate(open ? spread.minus(open.costRate) : spread.neg());
}

interface Place {
  readonly venue: VenueId;
  readonly symbol: string;
}

interface Pair {
  readonly short: Place;
  readonly long: Place;
}

interface Histories {
  /** Sum of the realised rates in (from, until]; null unless they cover all of it. */
  settled(place: Place, from: EpochMs, until: EpochMs): Promise<Rate | null>;
  placesOfHedge(row: CloseRow): Promise<Pair | null>;
}

/** Each history is read once a round, and a place that failed in it is not asked again. */
function createHistories(context: PipelineContext): Histories {
  const { venues, execution, store, log } = context;
  const kept = new Map<string, ReturnType<typeof readHistory>>();
  const failed = new Set<string>();

  async function readHistory({ venue, symbol }: Place, from: EpochMs) {
    if (failed.has(`${venue}:${symbol}`)) return null;
    try {
      const data = venues.get(venue)?.data;
      if (!data) return null;
      return await askVenue(execution, data.fundingHistory(symbol, from), HISTORY_DEADLINE_MS);
    } catch (error) {
      failed.add(`${venue}:${symbol}`);
      log.warn("historyNotRead", { venue, symbol, error: describeError(error) });
      return null;
    }
  }

  return {
    async settled(place, from, until) {
      const key = `${place.venue}:${place.symbol}:${from}`;
      const reading = kept.get(key) ?? readHistory(place, from);
      kept.set(key, reading);
      const inside = (await reading)?.filter(
        ({ fundingAt }) => fundingAt > from && fundingAt <= until,
      );
      if (!inside) return null;
      const coveredMs = inside.reduce((ms, one) => ms + intervalToMs(dec(one.intervalHours)), 0);
      return coveredMs < until - from ? null : rate(sum(inside.map((one) => one.rate)));
    },
    async placesOfHedge({ hedgeId }) {
      const legs = store.getHedge(hedgeId)?.legs ?? [];
      const [short, long] = ["short", "long"].map((side) => legs.find((leg) => leg.side === side));
      return short && long ? { short, long } : null;
    },
  };
}

function placesOf(row: OpenRow): Pair {
  return {
    short: { venue: row.shortVenue, symbol: row.shortSymbol },
    long: { venue: row.longVenue, symbol: row.longSymbol },
  };
}

/** What the hedge that came of it had made by then; null when none did, or when nobody can say any more. */
async function pnlOf(
  context: PipelineContext,
  { results }: ScanDecision,
  dueAt: EpochMs,
): Promise<Usd | null> {
  const { store, clock } = context;
  const refs = new Set(results.map((result) => result.ref));
  const hedge = store
    .listHedges()
    .find(({ id, proposalId }) => refs.has(id) || refs.has(proposalId));
  if (!hedge || hedge.legs.every((leg) => leg.entryPrice === null)) return null;
  if (hedge.closedAt !== null && hedge.closedAt <= dueAt) {
    const entries = store
      .listLedgerEntries({ hedgeId: hedge.id })
      .filter((entry) => entry.bookedFor <= dueAt);
    return profitAndLoss(entries, [], () => null)?.totalUsd ?? null;
  }
  if (clock.marketNow() - dueAt > VALUE_LATE_MS) return null;
  const { pnl } = moneyOf(context, hedge, await marketMoment(context));
  return pnl ? usd(pnl.totalUsd) : null;
}
