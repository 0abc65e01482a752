import { consumeApproval, verifyTap } from "#src/approvals/consume-approval.ts";
import { armMandate } from "#src/approvals/mandate.ts";
import type { Denial } from "#src/core/denial.ts";
import type { OpenProposal } from "#src/core/proposal.ts";
import type { Snapshot } from "#src/core/snapshot.ts";
import { denialSentence } from "#src/core/words/plain-words.ts";
import { passStamp } from "#src/execution/legs/pass-stamp.ts";
import { refreshStops } from "#src/pipeline/hold/stops/refresh-stops.ts";
import { liftableStops, liftStops, STOPS_SUBJECT } from "#src/pipeline/hold/stops/watch-losses.ts";
import { admitOpen } from "#src/pipeline/propose/admit-open.ts";
import { confirmLive } from "#src/pipeline/propose/offer-live.ts";
import { readForOpening } from "#src/pipeline/propose/portfolio.ts";
import { proposeOpen } from "#src/pipeline/propose/propose-open.ts";
import { withdrawOffers } from "#src/pipeline/propose/withdraw-open.ts";
import type { Approval } from "#src/ports/store.ts";
import type { PipelineContext } from "./context.ts";
import type { Tap, TapResult } from "./contract.ts";
import { refusedTap } from "./refused-tap.ts";
import { runClosing, runOpening, updateCard } from "./run-execution.ts";

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
    case "live":
      return approveLive(context, approval);
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
  if (!(await passStamp(context, proposal.legs))) {
    return { kind: "denied", answer: AT_STAMP, done: DONE };
  }
  await refreshStops(context);
  const snapshot = await freshSnapshot(context, proposal);
  if (!snapshot) {
    return {
      kind: "denied",
      answer: "A venue does not answer, so nothing was traded. The card is still valid: try again.",
      done: DONE,
    };
  }
  const admitted = admitOpen(context, proposal, snapshot, {
    authority: () => ({
      kind: "approval",
      approvalId: approval.nonce,
      subjectHash: approval.subjectHash,
    }),
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

const AT_STAMP =
  "Nothing was traded: a funding payment is being made, and nothing opens from a minute before one to half a minute after it. Tap again then; if the card is over, ask again.";

async function approveClose(context: PipelineContext, approval: Approval): Promise<TapResult> {
  const { store, clock } = context;
  const stored = store.getProposal(approval.subjectId);
  if (stored?.proposal.kind !== "close") return refusedTap(context, "unknown");
  const hedge = store.getHedge(stored.proposal.hedgeId);
  const consumed = store.transaction(() => {
    if (!consumeApproval(store, approval, "approved", clock.wallNow())) return false;
    store.setProposalState(approval.subjectId, "approved");
    // The yes and the wish are one: whatever happens next, the watch closes it.
    const now = hedge && store.getHedge(hedge.id);
    if (now && now.phase !== "closed" && now.phase !== "closing") {
      store.updateHedge(now, { phase: "closing" });
    }
    return true;
  });
  if (!consumed) return refusedTap(context, "alreadyUsed");
  if (!hedge || hedge.phase === "closed") {
    store.transaction(() => {
      store.setProposalState(approval.subjectId, "failed", "already closed");
      updateCard(context, approval.subjectId);
    });
    return { kind: "denied", answer: "This hedge is already closed.", done: DONE };
  }
  return {
    kind: "closing",
    answer: "Approved. Closing both legs…",
    done: runClosing(context, hedge, approval.subjectId),
  };
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
  if (approval.subjectId === STOPS_SUBJECT) return approveLift(context, approval);
  const resumed = store.transaction(() => {
    if (!consumeApproval(store, approval, "approved", clock.wallNow())) return false;
    // A halt may have been cut off before it took them back.
    withdrawOffers(context, "owner");
    store.setTradingState("active");
    return true;
  });
  return resumed
    ? { kind: "resumed", answer: "Trading is active again.", done: DONE }
    : refusedTap(context, "alreadyUsed");
}

function approveLive(context: PipelineContext, approval: Approval): TapResult {
  const outcome = confirmLive(context, approval);
  if (outcome === "alreadyUsed") return refusedTap(context, "alreadyUsed");
  if (outcome === "changed") {
    const answer = "Not confirmed: the settings are not those of this card. /live shows them.";
    return { kind: "denied", answer, done: DONE };
  }
  const answer =
    context.mode === "live"
      ? "Confirmed. Restart Hedgerow: until then the tighter bounds hold."
      : 'Confirmed. To trade real money: set mode = "live" with a key file for each venue, then restart.';
  return { kind: "confirmed", answer, done: DONE };
}

/** Only for what the card named: a limit that was passed meanwhile has a card of its own. */
function approveLift(context: PipelineContext, approval: Approval): TapResult {
  const { store, clock } = context;
  const lifted = store.transaction(() => {
    if (!consumeApproval(store, approval, "approved", clock.wallNow())) return false;
    if (liftableStops(context) !== approval.subjectHash) return false;
    liftStops(context);
    return true;
  });
  return lifted
    ? { kind: "resumed", answer: "Lifted: hedges may be opened again.", done: DONE }
    : { kind: "denied", answer: "Not lifted: the limits have changed. /resume again.", done: DONE };
}

async function deniedTap(
  context: PipelineContext,
  proposal: OpenProposal,
  denials: readonly Denial[],
): Promise<TapResult> {
  const loanMoved = denials.some((one) => one.code === "BORROW_MOVED");
  const moved = denials.every(({ code }) => code === "PRICE_MOVED" || code === "BORROW_MOVED");
  if (moved) {
    // The owner has just said yes to it: what a model may still ask for today does not matter.
    const again = await proposeOpen(context, { asset: proposal.asset }, "owner");
    if (again.kind === "proposed") {
      return {
        kind: "requoted",
        answer: `${loanMoved ? "Borrowing became dearer" : "Prices moved"}. Nothing was traded; a new card follows.`,
        done: DONE,
      };
    }
  }
  const stop = denials.find((one) => one.code === "ENTRY_STOPPED");
  if (stop) {
    return { kind: "denied", answer: `Not opened: ${denialSentence(stop)}.`, done: DONE };
  }
  const why = denials.map(denialSentence).join("; ");
  return { kind: "denied", answer: `Nothing was traded. The guard denied it: ${why}.`, done: DONE };
}

async function freshSnapshot(
  context: PipelineContext,
  proposal: OpenProposal,
): Promise<Snapshot | null> {
  try {
    const snapshot = await readForOpening(context, proposal.legs);
    return snapshot.portfolio ? snapshot : null;
  } catch (error) {
    context.log.warn("snapshotFailed", { proposalId: proposal.id, error });
    return null;
  }
}
