import { canonicalHash } from "#src/core/canonical-hash.ts";
import type { Decimal } from "#src/core/decimal.ts";
import { type Denial, denial } from "#src/core/denial.ts";
import { isLive } from "#src/core/hedge.ts";
import type { Opportunity } from "#src/core/opportunity.ts";
import type { OpenProposal, Proposal, ProposalSource } from "#src/core/proposal.ts";
import type { Snapshot } from "#src/core/snapshot.ts";
import type { NotionalUsd, Rate } from "#src/core/units.ts";
import { reviewOpen } from "#src/guard/check.ts";
import { type EntryParameters, scoreOpportunity } from "#src/opportunities/score-opportunity.ts";
import { ownerOf, type PipelineContext, tradingStateOf } from "#src/pipeline/context.ts";
import type { ProposeResult } from "#src/pipeline/contract.ts";
import { refreshStops } from "#src/pipeline/hold/stops/refresh-stops.ts";
import { lookAtMarket } from "#src/pipeline/look/look-at-market.ts";
import { buildOpenProposal } from "#src/proposals/build-proposal.ts";
import { APPROVAL_LIFE_MS, askOwner, waitingCard } from "./ask-owner.ts";
import { readForOpening } from "./portfolio.ts";
import { recordDenial } from "./record-denial.ts";
import { countCard, tooMuchAsked } from "./spare-the-owner.ts";

export type Wanted = { readonly asset: string } | { readonly candidateId: string };

/** Finds the pair, sizes it, asks the guard, and puts a card before the owner. */
export async function proposeOpen(
  context: PipelineContext,
  wanted: Wanted,
  source: ProposalSource,
): Promise<ProposeResult> {
  if (!ownerOf(context.store)) return { kind: "unavailable", reason: "NOT_OWNER" };
  const opportunity = await findOpportunity(context, wanted);
  if (typeof opportunity === "string") return { kind: "unavailable", reason: opportunity };

  const before = whyNoCard(context, opportunity, source);
  if (before) return before;
  const planned = await planOpen(context, opportunity, source);
  if (planned.kind === "denied") {
    recordDenial(context, opportunity.asset, planned.denials);
    return planned;
  }
  if (planned.kind === "unavailable") return planned;
  // Venues were asked for seconds, and others propose too: a scan, the chat, a program.
  const meanwhile = whyNoCard(context, opportunity, source);
  if (meanwhile) return meanwhile;
  putBeforeOwner(context, planned.proposal);
  return { kind: "proposed", proposal: planned.proposal };
}

/** Null when a card for opening this asset may be put before the owner now. */
function whyNoCard(
  context: PipelineContext,
  opportunity: Opportunity,
  source: ProposalSource,
): ProposeResult | null {
  const waiting = waitingCard(
    context,
    ({ kind, asset }) => kind === "open" && asset === opportunity.asset,
  );
  if (waiting) return { kind: "alreadyWaiting", proposal: waiting };
  const reason = tooMuchAsked(context, opportunity.asset, source);
  return reason ? { kind: "unavailable", reason } : null;
}

export type PlannedOpen =
  | { readonly kind: "planned"; readonly proposal: OpenProposal; readonly snapshot: Snapshot }
  | Extract<ProposeResult, { kind: "denied" | "unavailable" }>;

/** A frozen, sized plan that the guard has nothing against, except that nobody has said yes. */
export async function planOpen(
  context: PipelineContext,
  opportunity: Opportunity,
  source: ProposalSource,
  roomUsd: NotionalUsd | null = null,
): Promise<PlannedOpen> {
  const { clock, limits, settings } = context;
  const already = alreadyHedged(context, opportunity.asset);
  if (already) return { kind: "denied", denials: [already] };
  await refreshStops(context);
  const { short, long } = opportunity;
  const usualGap = await context.gaps.of(short.instrument, long.instrument);
  const reading = readForOpening(context, [short.instrument, long.instrument]);
  const snapshot = await reading.catch((error: unknown) => {
    context.log.warn("snapshotFailed", { asset: opportunity.asset, error });
    return null;
  });
  if (!snapshot) return { kind: "unavailable", reason: "VENUE_DOWN" };
  if (!snapshot.portfolio) return { kind: "unavailable", reason: "EQUITY_UNKNOWN" };
  const now = clock.wallNow();
  const built = buildOpenProposal({
    opportunity,
    snapshot,
    limits,
    sizing: settings.sizing,
    maxSlippage: settings.maxSlippage,
    emergencySlippage: context.execution.settings.emergencySlippage,
    exitSlipMultiple: settings.entry.exitSlipMultiple,
    roomUsd,
    usualGap,
    score: (...at) => scoreAt(opportunity, at, settings.entry),
    id: context.ids.next("P"),
    source,
    now,
    lifeMs: APPROVAL_LIFE_MS,
  });
  if (!built.ok) {
    const { reason, boundBy } = built;
    return {
      ...{ kind: "unavailable", reason, ...(boundBy ? { boundBy } : {}) },
      ...(boundBy === "freeMargin" && snapshot.reservedUsd.size > 0 ? { justOpened: true } : {}),
    };
  }
  const ordered = inLegOrder(built.proposal, snapshot);
  const denials = reviewOpen({
    proposal: built.proposal,
    snapshot: ordered,
    tradingState: tradingStateOf(context),
    limits,
    now,
  });
  if (denials.length > 0) return { kind: "denied", denials };
  return { kind: "planned", proposal: built.proposal, snapshot: ordered };
}

/** The plan puts the thinner leg first; the snapshot follows it. */
function inLegOrder({ legs: [first] }: OpenProposal, snapshot: Snapshot): Snapshot {
  const [a, b] = snapshot.legs;
  const same = a.instrument.venue === first.venue && a.instrument.symbol === first.symbol;
  return same ? snapshot : { ...snapshot, legs: [b, a] };
}

function scoreAt(
  opportunity: Opportunity,
  [costRate, sizeUsd, spread8h]: readonly [Rate, Decimal, Rate],
  entry: EntryParameters,
) {
  const score = scoreOpportunity(
    {
      currentPerHour: spread8h.div("8"),
      trailingPerHour: opportunity.trailingSpread8h?.div("8") ?? null,
      ...{ costRate, sizeUsd },
    },
    entry,
  );
  return {
    netAprOnCapital: score.netAprOnCapital,
    breakEvenHours: score.breakEven?.hours ?? null,
    worthwhile: score.reason === null && opportunity.worthwhile,
  };
}

async function findOpportunity(
  context: PipelineContext,
  wanted: Wanted,
): Promise<Opportunity | "ASSET_UNKNOWN" | "CANDIDATE_EXPIRED" | "NO_PAIR" | "VENUE_DOWN"> {
  if ("candidateId" in wanted) {
    const candidate = context.candidates.get(wanted.candidateId);
    const alive = candidate && candidate.expiresAt > context.clock.wallNow();
    return alive ? candidate.opportunity : "CANDIDATE_EXPIRED";
  }
  const asset = wanted.asset.trim().toUpperCase();
  const look = await lookAtMarket(context, { asset });
  const found = look.ranked.find((opportunity) => opportunity.asset === asset);
  if (found) return found;
  if (look.dropped.some((one) => one.reason === "VENUE_SILENT")) return "VENUE_DOWN";
  return look.rates.some((rate) => rate.asset === asset) ? "NO_PAIR" : "ASSET_UNKNOWN";
}

function alreadyHedged(context: PipelineContext, asset: string): Denial | null {
  const hedge = context.store.listHedges().find((one) => one.asset === asset && isLive(one.phase));
  return hedge ? denial("ASSET_ALREADY_HEDGED", { asset, hedgeId: hedge.id }) : null;
}

/** Proposal, approval, card and the reason why, in one transaction. */
export function putBeforeOwner(context: PipelineContext, proposal: Proposal): void {
  const { store, clock, ids } = context;
  const hash = canonicalHash(proposal);
  store.transaction(() => {
    store.insertProposal(proposal, hash);
    if (proposal.kind === "open") countCard(context, proposal.source);
    askOwner(context, {
      subject: proposal.kind,
      subjectId: proposal.id,
      subjectHash: hash,
      card: (nonce) => ({ type: "proposalCard", proposalId: proposal.id, nonce }),
    });
    store.insertDecision({
      id: ids.next("D"),
      at: clock.marketNow(),
      kind: proposal.kind,
      asset: proposal.asset,
      outcome: "proposed",
      detail: JSON.stringify({ proposalId: proposal.id, source: proposal.source }),
    });
  });
}
