import { describeError, RetryableError } from "#src/core/errors.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Logger } from "#src/ports/logger.ts";
import type { Notifier } from "#src/ports/notifier.ts";
import type { OutboxContent, OutboxItem, Store } from "#src/ports/store.ts";

const POLL_MS = 100;
const BATCH = 200;
/** Anything that waits to be tried again. */
const FAR = Number.MAX_SAFE_INTEGER;
/** After so many tries a message does not hold up the ones behind it any more. */
const PATIENCE = 5;
/** What a chat shows in the order in which it came about. */
const IN_ORDER: ReadonlySet<OutboxContent["type"]> = new Set([
  ...(["answer", "proposalCard", "mandateCard", "resumeCard", "liveCard"] as const),
]);
const LONGEST_WAIT_MS = 60_000;

export interface Outbox {
  /** Delivers until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** Delivers what is due now, once. */
  flush(): Promise<void>;
}

/**
 * What was queued with a state change is delivered at least once, critical first. A failure waits and is
 * tried again; it holds up the answers and cards behind it in its chat for a while, and nothing else.
 */
export function createOutbox(options: {
  readonly store: Store;
  readonly notifier: Notifier;
  readonly clock: Clock;
  readonly log: Logger;
}): Outbox {
  const { store, clock, log } = options;

  async function flush(): Promise<void> {
    const due = store.dueOutbox(clock.wallNow(), BATCH);
    if (due.length === 0) return;
    const ids = new Set(due.map(({ id }) => id));
    const waiting = store.dueOutbox(FAR, BATCH).filter(({ id }) => !ids.has(id));
    const newest = newestRedraws(due);
    for (const item of due) {
      if (isOvertaken(item, newest)) {
        store.transaction(() => store.markDelivered(item.id, clock.wallNow()));
        continue;
      }
      const isHeld = IN_ORDER.has(item.content.type) && waiting.some((one) => holds(one, item));
      if (!isHeld && !(await deliver(options, item))) waiting.push(item);
    }
  }

  async function run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await flush();
      } catch (error) {
        log.error("outboxFailed", { error });
      }
      await clock.sleep(POLL_MS, signal);
    }
  }

  return { run, flush };
}

/** A card is drawn from what is true now: of several redraws that wait, the newest says it all. */
function newestRedraws(due: readonly OutboxItem[]): ReadonlyMap<string, number> {
  const newest = new Map<string, number>();
  for (const { id, content } of due) {
    if (content.type !== "cardUpdate") continue;
    newest.set(content.proposalId, Math.max(id, newest.get(content.proposalId) ?? id));
  }
  return newest;
}

function isOvertaken({ id, content }: OutboxItem, newest: ReadonlyMap<string, number>): boolean {
  return content.type === "cardUpdate" && (newest.get(content.proposalId) ?? id) > id;
}

function holds(one: OutboxItem, item: OutboxItem): boolean {
  const isAhead = one.chatId === item.chatId && one.id < item.id;
  return isAhead && IN_ORDER.has(one.content.type) && one.attempts < PATIENCE;
}

/** False when it must be tried again. */
async function deliver(
  { store, notifier, clock, log }: Parameters<typeof createOutbox>[0],
  item: OutboxItem,
): Promise<boolean> {
  try {
    await notifier.deliver(item);
    store.transaction(() => store.markDelivered(item.id, clock.wallNow()));
    return true;
  } catch (error) {
    const waitMs = Math.min(LONGEST_WAIT_MS, 1_000 * 2 ** Math.min(item.attempts, 6));
    const named = error instanceof RetryableError ? error.waitMs : null;
    log.warn("deliveryFailed", {
      id: item.id,
      type: item.content.type,
      error: describeError(error),
    });
    const nextTryAt = clock.wallNow() + Math.max(named ?? 0, waitMs);
    store.transaction(() => store.markRetry(item.id, nextTryAt));
    return false;
  }
}
