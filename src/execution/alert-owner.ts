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
function raiseAlert(context: ExecutionContext, alert: OwnerAlert): boolean {
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

/** As `raiseAlert`, but not again within `againMs` (five minutes); what could not be stored is not said yet. */
export function raiseOnce(
  context: ExecutionContext,
  key: string,
  alert: OwnerAlert,
  againMs?: number,
): void {
  if (isNews(context, key, againMs) && !raiseAlert(context, alert)) {
    context.memory.toldMs.delete(key);
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

/** A transaction that says something under `key`: when it is not written, it was not said either. */
export function sayingTransaction<T>(
  { store, memory }: ExecutionContext,
  key: string,
  work: () => T,
): T {
  try {
    return store.transaction(work);
  } catch (error) {
    memory.toldMs.delete(key);
    throw error;
  }
}
