import { describeError } from "#src/core/errors.ts";
import type { AlertReason, Severity } from "#src/ports/store.ts";
import type { ExecutionContext } from "./context.ts";

export interface OwnerAlert {
  readonly severity: Severity;
  readonly reason: AlertReason;
  readonly hedgeId: string | null;
  /** What happened, what is true now, what to do. */
  readonly text: string;
}

/** Queued with the state change that it is about. Inside a transaction. */
export function alertOwner({ store }: ExecutionContext, alert: OwnerAlert): void {
  const { severity, reason, hedgeId, text } = alert;
  const chatId = Number(store.getFact("chatId") ?? "0");
  if (chatId === 0) return;
  store.enqueue({
    severity,
    chatId,
    content: { type: "alert", text, reason, ...(hedgeId === null ? {} : { hedgeId }) },
  });
}

/** On its own. When nothing can be written (a full disk) it is said without the store; false then. */
export function raiseAlert(context: ExecutionContext, alert: OwnerAlert): boolean {
  try {
    context.store.transaction(() => alertOwner(context, alert));
    return true;
  } catch (error) {
    context.log.error("alertNotStored", {
      reason: alert.reason,
      hedgeId: alert.hedgeId,
      error: describeError(error),
    });
    context.shout(alert.text);
    return false;
  }
}

const SAY_AGAIN_MS = 300_000;

/** True when `key` was not said within `againMs` (five minutes); then it counts as said now. */
export function isNews(
  { memory, clock }: ExecutionContext,
  key: string,
  againMs = SAY_AGAIN_MS,
): boolean {
  const now = clock.elapsedMs();
  const told = memory.toldMs.get(key);
  if (told !== undefined && now - told < againMs) return false;
  memory.toldMs.set(key, now);
  return true;
}
