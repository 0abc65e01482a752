import { decFromInteger, minOf, sum } from "#src/core/decimal.ts";
import { type DecisionRecord, type DecisionTable, OPEN_SLOTS } from "#src/core/decision.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import type { Instrument } from "#src/core/instrument.ts";
import type { Opportunity } from "#src/core/opportunity.ts";
import {
  assignSlots,
  type CloseCandidate,
  type OpenCandidate,
} from "#src/core/rules/assign-slots.ts";
import { type NotionalUsd, rate } from "#src/core/units.ts";
import type { RankLeg } from "#src/opportunities/pair-legs.ts";
import type { PipelineContext } from "#src/pipeline/context.ts";
import type { Carry } from "#src/pipeline/hold/carry/read-carries.ts";
import type { MarketLook } from "#src/pipeline/look/look-at-market.ts";
import { describeHedge, marketMoment } from "#src/pipeline/show/money.ts";
import { UNKNOWN_EVIDENCE } from "#src/rates/market-evidence.ts";
import { HORIZONS_HOURS } from "./await-outcomes.ts";

/** Past choices that are counted. */
const RECORD_LENGTH = 200;

/** What a model may choose from, and everything that it is told. */
export async function buildDecisionTable(
  context: PipelineContext,
  from: {
    readonly look: MarketLook;
    readonly opens: readonly Opportunity[];
    readonly carries: readonly Carry[];
    readonly mostUsd: NotionalUsd;
  },
): Promise<DecisionTable> {
  const legs = new Map(from.look.described.map((leg) => [keyOf(leg.instrument), leg]));
  const [opens, closes] = await Promise.all([
    Promise.all(
      from.opens.slice(0, OPEN_SLOTS.length).map((one) => openCandidate(context, one, legs)),
    ),
    closeCandidates(context, from.carries),
  ]);
  return {
    at: context.clock.marketNow(),
    ...assignSlots(opens, closes),
    mostUsd: from.mostUsd,
    record: recordOf(context),
  };
}

/** A pair as the rules know it, without looking at anything further. */
export function plainCandidate(
  { clock }: PipelineContext,
  opportunity: Opportunity,
): OpenCandidate {
  const { short, long } = opportunity;
  const nextAt = Math.min(short.funding.fundingAt, long.funding.fundingAt);
  return {
    opportunityId: opportunity.id,
    asset: opportunity.asset,
    shortVenue: short.instrument.venue,
    shortSymbol: short.instrument.symbol,
    longVenue: long.instrument.venue,
    longSymbol: long.instrument.symbol,
    spread8h: opportunity.spread8h,
    trailingSpread8h: opportunity.trailingSpread8h,
    costRate: opportunity.costRate,
    netAprOnCapital: opportunity.netAprOnCapital,
    breakEvenHours: opportunity.breakEvenHours,
    depthUsd: null,
    basis: null,
    minutesToFunding: Math.max(0, Math.round((nextAt - clock.marketNow()) / 60_000)),
    evidence: UNKNOWN_EVIDENCE,
  };
}

async function openCandidate(
  context: PipelineContext,
  opportunity: Opportunity,
  legs: ReadonlyMap<string, RankLeg>,
): Promise<OpenCandidate> {
  const [short, long] = [opportunity.short.instrument, opportunity.long.instrument];
  const [a, b] = [legs.get(keyOf(short)), legs.get(keyOf(long))];
  return {
    ...plainCandidate(context, opportunity),
    depthUsd: a?.market && b?.market ? minOf(a.market.depthUsd, b.market.depthUsd) : null,
    basis: a?.midPrice && b?.midPrice ? a.midPrice.div(b.midPrice).minus("1") : null,
    evidence: await context.evidence.of({ short, long }),
  };
}

async function closeCandidates(
  context: PipelineContext,
  carries: readonly Carry[],
): Promise<readonly CloseCandidate[]> {
  if (carries.length === 0) return [];
  const { store, clock } = context;
  const moment = await marketMoment(context);
  return carries.map(({ hedge, spread8h, trailingSpread8h, hasTurned }) => {
    const { money } = describeHedge(context, hedge, moment);
    const plan = store.getProposal(hedge.proposalId)?.proposal;
    const ageMs = decFromInteger(Math.max(0, clock.marketNow() - hedge.openedAt));
    return {
      ...{ hedgeId: hedge.id, asset: hedge.asset, spread8h, trailingSpread8h, hasTurned },
      shortVenue: hedge.legs.find((leg) => leg.side === "short")?.venue ?? "unknown",
      longVenue: hedge.legs.find((leg) => leg.side === "long")?.venue ?? "unknown",
      ageHours: ageMs.div(String(HOUR_MS)),
      openedAtSpread8h: plan?.kind === "open" ? plan.spread8h : null,
      ...{ fundingUsd: money.fundingUsd, feesUsd: money.feesUsd },
      pnlUsd: money.pnl?.totalUsd ?? null,
    };
  });
}

function recordOf({ store }: PipelineContext): readonly DecisionRecord[] {
  return HORIZONS_HOURS.map((horizonHours) => {
    const rates = store.openOutcomes(horizonHours, RECORD_LENGTH);
    const count = decFromInteger(rates.length);
    const hits = decFromInteger(rates.filter((one) => one.gt("0")).length);
    const none = rates.length === 0;
    return {
      horizonHours,
      count: rates.length,
      hitShare: none ? null : hits.div(count),
      meanNetRate: none ? null : rate(sum(rates).div(count)),
    };
  });
}

function keyOf({ venue, symbol }: Instrument): string {
  return `${venue}:${symbol}`;
}
