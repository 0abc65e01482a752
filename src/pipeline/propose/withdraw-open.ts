import { revokeMandate } from "#src/approvals/mandate.ts";
import type { PipelineContext } from "#src/pipeline/context.ts";
import { updateCard } from "#src/pipeline/run-execution.ts";
import type { Approval } from "#src/ports/store.ts";

/** Takes a card to open back before it is tapped, and has it say so. Inside a transaction. */
export function withdrawOpen(context: PipelineContext, { nonce, subjectId }: Approval): void {
  const { store } = context;
  store.settleApproval(nonce, "superseded");
  // Nothing must fail on a card that is not what it should be.
  if (store.getProposal(subjectId)?.state !== "awaiting") return;
  store.setProposalState(subjectId, "superseded");
  updateCard(context, subjectId);
}

/**
 * What was offered before a halt cannot open after it: the mandate ends, and cards that open or arm are taken
 * back. Inside a transaction.
 */
export function withdrawOffers(context: PipelineContext, actor: string): void {
  const { store, clock } = context;
  revokeMandate(store, actor, clock.wallNow());
  for (const approval of store.listApprovals({ state: "pending" })) {
    if (approval.subject === "open") withdrawOpen(context, approval);
    if (approval.subject !== "mandate") continue;
    store.settleApproval(approval.nonce, "superseded");
    store.moveMandate(approval.subjectId, "revoked", clock.wallNow());
  }
}

/** An asset that opens now cannot be opened a second time: its other cards would only be denied. Inside a transaction. */
export function withdrawOpensOf(context: PipelineContext, asset: string): void {
  const { store } = context;
  for (const approval of store.listApprovals({ state: "pending" })) {
    if (approval.subject !== "open") continue;
    if (store.getProposal(approval.subjectId)?.proposal.asset === asset) {
      withdrawOpen(context, approval);
    }
  }
}
