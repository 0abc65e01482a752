import { requestApproval } from "#src/approvals/request-approval.ts";
import type { Proposal } from "#src/core/proposal.ts";
import { ownerOf, type PipelineContext } from "#src/pipeline/context.ts";
import type { ApprovalSubject, OutboxContent, Severity } from "#src/ports/store.ts";

/** A card waits this long for its tap, of wall time. */
export const APPROVAL_LIFE_MS = 120_000;

/** An approval row and its card, together; false when nobody is bound. Inside a transaction. */
export function askOwner(
  { store, clock, ids }: PipelineContext,
  ask: {
    readonly subject: ApprovalSubject;
    readonly subjectId: string;
    readonly subjectHash: string;
    readonly card: (nonce: string) => OutboxContent;
  },
): boolean {
  const owner = ownerOf(store);
  if (!owner) return false;
  const { card, ...subject } = ask;
  const nonce = ids.nonce();
  const now = clock.wallNow();
  requestApproval(store, { ...subject, ...owner, now, ttlMs: APPROVAL_LIFE_MS, nonce });
  store.enqueue({ severity: "info", chatId: owner.chatId, content: card(nonce) });
  return true;
}

/** The proposal that matches and still waits; its card is sent again, at the foot of the chat. */
export function waitingCard(
  { store, clock }: PipelineContext,
  matches: (proposal: Proposal) => boolean,
): Proposal | null {
  const owner = ownerOf(store);
  if (!owner) return null;
  for (const { proposal } of store.listProposals({ states: ["awaiting"] })) {
    if (!matches(proposal) || proposal.expiresAt <= clock.wallNow()) continue;
    const approval = store.listApprovals({ subjectId: proposal.id, state: "pending" })[0];
    if (!approval) continue;
    const content = {
      type: "proposalCard",
      proposalId: proposal.id,
      nonce: approval.nonce,
    } as const;
    store.transaction(() => store.enqueue({ severity: "info", chatId: owner.chatId, content }));
    return proposal;
  }
  return null;
}

/** News without a question; nothing when nobody is bound. */
export function tellOwner({ store }: PipelineContext, severity: Severity, text: string): void {
  const owner = ownerOf(store);
  if (!owner) return;
  const content = { type: "alert", text } as const;
  store.transaction(() => store.enqueue({ severity, chatId: owner.chatId, content }));
}
