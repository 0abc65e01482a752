import { type Hedge, isLive } from "#src/core/hedge.ts";
import type { CloseProposal, Proposal, ProposalSource } from "#src/core/proposal.ts";
import type { Snapshot } from "#src/core/snapshot.ts";
import { ownerOf, type PipelineContext } from "#src/pipeline/context.ts";
import type { ProposeResult } from "#src/pipeline/contract.ts";
import { pnlAtMark } from "#src/pipeline/show/money.ts";
import { buildCloseProposal } from "#src/proposals/build-close-proposal.ts";
import { collectSnapshot } from "#src/rates/collect-snapshot.ts";
import { APPROVAL_LIFE_MS, waitingCard } from "./ask-owner.ts";
import { hedgedAssets } from "./portfolio.ts";
import { putBeforeOwner } from "./propose-open.ts";

/** A card that shows what closing costs now and what the hedge would have made. */
export async function proposeClose(
  context: PipelineContext,
  hedgeIdOrAsset: string,
  source: ProposalSource,
  /** Written in the same transaction. */
  also: (proposal: Proposal) => void = () => undefined,
): Promise<ProposeResult> {
  if (!ownerOf(context.store)) return { kind: "unavailable", reason: "NOT_OWNER" };
  const hedge = findHedge(context, hedgeIdOrAsset);
  if (!hedge) return { kind: "unavailable", reason: "NO_HEDGE" };
  const isItsCard = (one: Proposal) => one.kind === "close" && one.hedgeId === hedge.id;
  const waiting = waitingCard(context, isItsCard);
  if (waiting) return { kind: "alreadyWaiting", proposal: waiting };
  const proposal = await planClose(context, hedge, source);
  if (!proposal) return { kind: "unavailable", reason: "VENUE_DOWN" };
  // Somebody else may have asked while the venues were.
  const meanwhile = waitingCard(context, isItsCard);
  if (meanwhile) return { kind: "alreadyWaiting", proposal: meanwhile };
  context.store.transaction(() => {
    putBeforeOwner(context, proposal);
    also(proposal);
  });
  return { kind: "proposed", proposal };
}

/** What closing costs now; null when nobody can say. */
export async function planClose(
  context: PipelineContext,
  hedge: Hedge,
  source: ProposalSource,
): Promise<CloseProposal | null> {
  const snapshot = await snapshotOf(context, hedge).catch((error: unknown) => {
    context.log.warn("snapshotFailed", { hedgeId: hedge.id, error });
    return null;
  });
  if (!snapshot) return null;
  const pnl = pnlAtMark(
    context,
    hedge,
    snapshot.legs.map((leg) => leg.markPrice),
  );
  if (!pnl) return null;
  return buildCloseProposal({
    hedge,
    snapshot,
    pnlAtMarkUsd: pnl.totalUsd,
    id: context.ids.next("P"),
    source,
    now: context.clock.wallNow(),
    lifeMs: APPROVAL_LIFE_MS,
  });
}

export function snapshotOf(context: PipelineContext, hedge: Hedge): Promise<Snapshot> {
  const [first, second] = hedge.legs;
  return collectSnapshot({
    venues: context.venues,
    legs: [first, second],
    hedgedAssets: hedgedAssets(context.store),
    reservedUsd: new Map(),
    // Closing is never held back.
    entryStops: [],
    leverage: context.settings.leverage,
    clock: context.clock,
  });
}

function findHedge(context: PipelineContext, hedgeIdOrAsset: string): Hedge | null {
  const wanted = hedgeIdOrAsset.trim();
  const live = context.store.listHedges().filter((hedge) => isLive(hedge.phase));
  return (
    live.find((hedge) => hedge.id.toLowerCase() === wanted.toLowerCase()) ??
    live.find((hedge) => hedge.asset === wanted.toUpperCase()) ??
    null
  );
}
