import type { EpochMs } from "#src/core/units.ts";
import type { Approval, Store } from "#src/ports/store.ts";

export type TapRefusal =
  | "unknown"
  | "notOwner"
  | "alreadyUsed"
  | "expired"
  | "declined"
  | "withdrawn";

/**
 * Is this tap by the owner, on this approval's own message, in time? While no delivery is noted (a crash
 * in between) any message in the right chat counts: only the owner's client was ever given the nonce.
 */
export function verifyTap(
  store: Store,
  tap: {
    readonly nonce: string;
    readonly userId: number;
    readonly chatId: number;
    readonly messageId: number;
  },
  now: EpochMs,
):
  | { readonly ok: true; readonly approval: Approval }
  | { readonly ok: false; readonly why: TapRefusal } {
  const approval = store.getApproval(tap.nonce);
  if (!approval) return { ok: false, why: "unknown" };
  if (approval.ownerId !== tap.userId) return { ok: false, why: "notOwner" };
  const elsewhere = approval.messageId !== null && approval.messageId !== tap.messageId;
  if (approval.chatId !== tap.chatId || elsewhere) return { ok: false, why: "unknown" };
  if (approval.state === "expired") return { ok: false, why: "expired" };
  if (approval.state === "declined") return { ok: false, why: "declined" };
  if (approval.state === "superseded") return { ok: false, why: "withdrawn" };
  if (approval.state !== "pending") return { ok: false, why: "alreadyUsed" };
  if (now >= approval.expiresAt) return { ok: false, why: "expired" };
  return { ok: true, approval };
}

/** The one compare-and-set, inside the caller's transaction: true for exactly one caller, ever. */
export function consumeApproval(
  store: Pick<Store, "settleApproval">,
  approval: Approval,
  to: "approved" | "declined",
  now: EpochMs,
): boolean {
  return now < approval.expiresAt && store.settleApproval(approval.nonce, to);
}

/** Closes what nobody answered in time, and has its card say so. Inside a transaction. */
export function expireApprovals(store: Store, now: EpochMs): number {
  const late = store.listApprovals({ state: "pending" }).filter((one) => one.expiresAt <= now);
  for (const approval of late) {
    store.settleApproval(approval.nonce, "expired");
    if (approval.subject === "mandate") store.moveMandate(approval.subjectId, "expired", now);
    if (approval.subject !== "open" && approval.subject !== "close") continue;
    if (store.getProposal(approval.subjectId)?.state !== "awaiting") continue;
    store.setProposalState(approval.subjectId, "expired");
    store.enqueue({
      severity: "info",
      chatId: approval.chatId,
      content: { type: "cardUpdate", proposalId: approval.subjectId },
    });
  }
  expireUnasked(store, now);
  return late.length;
}

/** A plan that nobody was asked about (its mandate ended meanwhile) has no card; it must not wait for ever. */
function expireUnasked(store: Store, now: EpochMs): void {
  for (const { proposal } of store.listProposals({ states: ["awaiting"] })) {
    if (proposal.expiresAt > now) continue;
    const asked = store.listApprovals({ subjectId: proposal.id, state: "pending" }).length > 0;
    if (!asked) store.setProposalState(proposal.id, "expired");
  }
}
