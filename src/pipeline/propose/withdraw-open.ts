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
