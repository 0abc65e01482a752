import { consumeApproval, verifyTap } from "#src/approvals/consume-approval.ts";
import { armMandate } from "#src/approvals/mandate.ts";
import type { Denial } from "#src/core/denial.ts";
import type { Hedge, HedgeLeg, LegIndex } from "#src/core/hedge.ts";
import type { OpenLeg, OpenProposal } from "#src/core/proposal.ts";
import type { Snapshot } from "#src/core/snapshot.ts";
import { baseSize } from "#src/core/units.ts";
import { closeHedge } from "#src/execution/close-hedge.ts";
import { openHedge } from "#src/execution/open-hedge.ts";
import { type Authority, checkOpen } from "#src/guard/check.ts";
import type { Ticket } from "#src/guard/ticket.ts";
import { postFills } from "#src/ledger/post-entry.ts";
import type { Approval } from "#src/ports/store.ts";
import { collectSnapshot } from "#src/rates/collect-snapshot.ts";
import { ownerOf, type PipelineContext } from "./context.ts";
import type { Tap, TapResult } from "./contract.ts";
import { hedgedAssets, proposeOpen } from "./propose-open.ts";

const DONE = Promise.resolve();

/** The owner's tap: who, which card, still in time; then fresh prices and the guard once more. */
export async function approve(context: PipelineContext, tap: Tap): Promise<TapResult> {
  const verified = verifyTap(context.store, tap, context.clock.wallNow());
  if (!verified.ok) return refusedTap(context, verified.why);
  const { approval } = verified;
  switch (approval.subject) {
    case "open":
      return approveOpen(context, approval);
    case "close":
      return approveClose(context, approval);
    case "mandate":
      return approveMandate(context, approval);
    case "resume":
      return approveResume(context, approval);
  }
}

export function decline(context: PipelineContext, tap: Tap): TapResult {
  const { store, clock } = context;
  const verified = verifyTap(store, tap, clock.wallNow());
  if (!verified.ok) return refusedTap(context, verified.why);
  const { approval } = verified;
  const settled = store.transaction(() => {
    if (!consumeApproval(store, approval, "declined", clock.wallNow())) return false;
    if (approval.subject === "open" || approval.subject === "close") {
      store.setProposalState(approval.subjectId, "declined");
      updateCard(context, approval.subjectId);
    }
    if (approval.subject === "mandate") {
      store.moveMandate(approval.subjectId, "revoked", clock.wallNow());
    }
    return true;
  });
  return settled
    ? { kind: "declined", answer: "Declined. Nothing was traded.", done: DONE }
    : refusedTap(context, "alreadyUsed");
}

async function approveOpen(context: PipelineContext, approval: Approval): Promise<TapResult> {
  const stored = context.store.getProposal(approval.subjectId);
  if (stored?.proposal.kind !== "open") return refusedTap(context, "unknown");
  const { proposal } = stored;
  const snapshot = await freshSnapshot(context, proposal);
  if (!snapshot) {
    return {
      kind: "denied",
      answer: "A venue does not answer, so nothing was traded. The card is still valid: try again.",
      done: DONE,
    };
  }
  const admitted = admitOpen(context, proposal, snapshot, {
    authority: { kind: "approval", approvalId: approval.nonce, subjectHash: approval.subjectHash },
    mandateId: null,
    consume: () => consumeApproval(context.store, approval, "approved", context.clock.wallNow()),
  });
  if (admitted.kind === "alreadyUsed") return refusedTap(context, "alreadyUsed");
  if (admitted.kind === "denied") return deniedTap(context, proposal, admitted.denials);
  return {
    kind: "opening",
    answer: "Approved. Opening both legs…",
    done: runOpening(context, admitted.hedge, proposal, admitted.ticket),
  };
}

export type Admitted =
  | { readonly kind: "admitted"; readonly hedge: Hedge; readonly ticket: Ticket }
  | { readonly kind: "denied"; readonly denials: readonly Denial[] }
  | { readonly kind: "alreadyUsed" };

/** One transaction: use the yes up, ask the guard on the fresh snapshot, write the intent. */
export function admitOpen(
  context: PipelineContext,
  proposal: OpenProposal,
  snapshot: Snapshot,
  by: {
    readonly authority: Authority;
    readonly mandateId: string | null;
    readonly consume: () => boolean;
  },
): Admitted {
  const { store, clock, limits } = context;
  return store.transaction((): Admitted => {
    if (!by.consume()) return { kind: "alreadyUsed" };
    const stored = store.getProposal(proposal.id);
    const verdict = checkOpen({
      proposal,
      proposalHash: stored?.hash ?? "",
      snapshot: { ...snapshot, hedgedAssets: hedgedAssets(store) },
      tradingState: store.tradingState(),
      limits,
      authority: by.authority,
      now: clock.wallNow(),
    });
    if (!verdict.ok) {
      store.setProposalState(proposal.id, "denied", JSON.stringify(verdict.denials));
      updateCard(context, proposal.id);
      return { kind: "denied", denials: verdict.denials };
    }
    const hedge = plannedHedge(context, proposal, by.mandateId);
    store.setProposalState(proposal.id, "approved");
    store.insertHedge(hedge);
    updateCard(context, proposal.id);
    return { kind: "admitted", hedge, ticket: verdict.ticket };
  });
}

/** Executes, books the fills, and brings the card up to date; never rejects. */
export async function runOpening(
  context: PipelineContext,
  hedge: Hedge,
  proposal: OpenProposal,
  ticket: Ticket,
): Promise<void> {
  const { store, log } = context;
  try {
    const result = await openHedge(context.execution, { hedge, proposal, ticket });
    log.info("openFinished", { hedgeId: hedge.id, outcome: result.outcome, detail: result.detail });
    store.transaction(() => {
      postFills(store);
      const executed = result.outcome === "open";
      store.setProposalState(proposal.id, executed ? "executed" : "failed", result.detail);
      updateCard(context, proposal.id);
    });
  } catch (error) {
    log.error("openFailed", { hedgeId: hedge.id, error });
  }
}

async function approveClose(context: PipelineContext, approval: Approval): Promise<TapResult> {
  const { store, clock } = context;
  const stored = store.getProposal(approval.subjectId);
  if (stored?.proposal.kind !== "close") return refusedTap(context, "unknown");
  const hedge = store.getHedge(stored.proposal.hedgeId);
  const consumed = store.transaction(() => {
    if (!consumeApproval(store, approval, "approved", clock.wallNow())) return false;
    store.setProposalState(approval.subjectId, "approved");
    return true;
  });
  if (!consumed) return refusedTap(context, "alreadyUsed");
  if (!hedge || hedge.phase === "closed") {
    return { kind: "denied", answer: "This hedge is already closed.", done: DONE };
  }
  return {
    kind: "closing",
    answer: "Approved. Closing both legs…",
    done: runClosing(context, hedge, approval.subjectId),
  };
}

/** Closes, books the fills, brings the cards up to date; never rejects. */
export async function runClosing(
  context: PipelineContext,
  hedge: Hedge,
  proposalId: string | null,
): Promise<void> {
  const { store, log } = context;
  try {
    const result = await closeHedge(context.execution, { hedge });
    log.info("closeFinished", {
      hedgeId: hedge.id,
      outcome: result.outcome,
      detail: result.detail,
    });
    store.transaction(() => {
      postFills(store);
      if (proposalId) {
        const executed = result.outcome === "closed";
        store.setProposalState(proposalId, executed ? "executed" : "failed", result.detail);
        updateCard(context, proposalId);
      }
      updateCard(context, hedge.proposalId);
    });
  } catch (error) {
    log.error("closeFailed", { hedgeId: hedge.id, error });
  }
}

function approveMandate(context: PipelineContext, approval: Approval): TapResult {
  const { store, clock } = context;
  const armed = store.transaction(
    () =>
      consumeApproval(store, approval, "approved", clock.wallNow()) &&
      store.tradingState() === "active" &&
      armMandate(store, approval.subjectId, clock.marketNow()),
  );
  return armed
    ? {
        kind: "armed",
        answer: "Armed. Hedgerow may now act alone inside these bounds.",
        done: DONE,
      }
    : { kind: "denied", answer: "Not armed: trading is halted or the offer is over.", done: DONE };
}

function approveResume(context: PipelineContext, approval: Approval): TapResult {
  const { store, clock } = context;
  const resumed = store.transaction(() => {
    if (!consumeApproval(store, approval, "approved", clock.wallNow())) return false;
    store.setTradingState("active");
    return true;
  });
  return resumed
    ? { kind: "resumed", answer: "Trading is active again.", done: DONE }
    : refusedTap(context, "alreadyUsed");
}

async function deniedTap(
  context: PipelineContext,
  proposal: OpenProposal,
  denials: readonly Denial[],
): Promise<TapResult> {
  const moved = denials.every((one) => one.code === "PRICE_MOVED");
  if (moved) {
    const again = await proposeOpen(context, { asset: proposal.asset }, proposal.source);
    if (again.kind === "proposed") {
      return {
        kind: "requoted",
        answer: "Prices moved. Nothing was traded; a new card follows.",
        done: DONE,
      };
    }
  }
  const codes = denials.map((one) => one.code).join(", ");
  return {
    kind: "denied",
    answer: `Denied by the guard: ${codes}. Nothing was traded.`,
    done: DONE,
  };
}

type WhyNot = "unknown" | "notOwner" | "alreadyUsed" | "expired" | "declined";

function refusedTap(context: PipelineContext, why: WhyNot): TapResult {
  const halted = context.store.tradingState() !== "active";
  switch (why) {
    case "expired":
      return { kind: "expired", answer: "This card has expired. Ask again.", done: DONE };
    case "alreadyUsed":
    case "declined":
      return {
        kind: "alreadyUsed",
        answer: halted
          ? "Not valid any more: trading is halted."
          : "Already done. Nothing changed.",
        done: DONE,
      };
    case "notOwner":
      return { kind: "unknown", answer: "", done: DONE };
    case "unknown":
      return { kind: "unknown", answer: "This button is not valid any more.", done: DONE };
  }
}

async function freshSnapshot(
  context: PipelineContext,
  proposal: OpenProposal,
): Promise<Snapshot | null> {
  try {
    return await collectSnapshot({
      venues: context.venues,
      legs: proposal.legs,
      hedgedAssets: hedgedAssets(context.store),
      reservedUsd: new Map(),
      leverage: context.settings.leverage,
      clock: context.clock,
    });
  } catch (error) {
    context.log.warn("snapshotFailed", { proposalId: proposal.id, error });
    return null;
  }
}

function plannedHedge(
  context: PipelineContext,
  proposal: OpenProposal,
  mandateId: string | null,
): Hedge {
  return {
    id: context.ids.next("H"),
    asset: proposal.asset,
    phase: "opening",
    proposalId: proposal.id,
    mandateId,
    legs: [plannedLeg(proposal.legs[0], 0), plannedLeg(proposal.legs[1], 1)],
    openedAt: context.clock.marketNow(),
    closedAt: null,
    createdAtWall: context.clock.wallNow(),
    version: 1,
  };
}

function plannedLeg(leg: OpenLeg, index: LegIndex): HedgeLeg {
  return {
    index,
    venue: leg.venue,
    symbol: leg.symbol,
    side: leg.side,
    targetBase: leg.sizeBase,
    heldBase: baseSize("0"),
    entryPrice: null,
  };
}

/** Asks the door to redraw a proposal's card from what is true now. Inside a transaction. */
export function updateCard(context: PipelineContext, proposalId: string): void {
  const owner = ownerOf(context.store);
  if (!owner) return;
  context.store.enqueue({
    severity: "info",
    chatId: owner.chatId,
    content: { type: "cardUpdate", proposalId },
  });
}
