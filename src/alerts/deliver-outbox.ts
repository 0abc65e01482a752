import { describeError, RetryableError } from "#src/core/errors.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Logger } from "#src/ports/logger.ts";
import type { Notifier } from "#src/ports/notifier.ts";
import type { OutboxItem, Store } from "#src/ports/store.ts";

const POLL_MS = 100;
const BATCH = 20;
const LONGEST_WAIT_MS = 60_000;

export interface Outbox {
  /** Delivers until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** Delivers what is due now, once. */
  flush(): Promise<void>;
}

/**
 * What was queued with a state change is delivered at least once, critical first. A failure waits and is
 * tried again; it never holds up the others.
 */
export function createOutbox(options: {
  readonly store: Store;
  readonly notifier: Notifier;
  readonly clock: Clock;
  readonly log: Logger;
}): Outbox {
  const { store, clock, log } = options;

  async function flush(): Promise<void> {
    for (const item of store.dueOutbox(clock.wallNow(), BATCH)) await deliver(options, item);
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

async function deliver(
  { store, notifier, clock, log }: Parameters<typeof createOutbox>[0],
  item: OutboxItem,
): Promise<void> {
  try {
    await notifier.deliver(item);
    store.transaction(() => store.markDelivered(item.id, clock.wallNow()));
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
  }
}
