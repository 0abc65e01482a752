import type { EpochMs } from "#src/core/units.ts";
import type { Approval, ApprovalSubject, Store } from "#src/ports/store.ts";

/** A row that one tap may use once. Inside a transaction; the message is bound when the card is out. */
export function requestApproval(
  store: Store,
  request: {
    readonly subject: ApprovalSubject;
    readonly subjectId: string;
    readonly subjectHash: string;
    readonly ownerId: number;
    readonly chatId: number;
    readonly nonce: string;
    /** Wall time. */
    readonly now: EpochMs;
    readonly ttlMs: number;
  },
): Approval {
  const { now, ttlMs, ...rest } = request;
  const approval: Approval = {
    ...rest,
    messageId: null,
    state: "pending",
    createdAt: now,
    expiresAt: now + ttlMs,
  };
  store.insertApproval(approval);
  return approval;
}
