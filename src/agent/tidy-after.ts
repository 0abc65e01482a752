import { describeError } from "#src/core/errors.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Logger } from "#src/ports/logger.ts";
import type { Turn } from "#src/ports/store.ts";
import type { TurnRunner } from "./hold-turns.ts";

const TIDY_MS = 30_000;

/** What can wait until an answer is out: one at a time a chat, and the next question does not wait for it. */
export function createTidier(options: {
  readonly clock: Pick<Clock, "later">;
  readonly log: Logger;
  readonly runner: () => Promise<TurnRunner>;
}): { after(turn: Turn): Promise<void>; stopAll(): void } {
  const { clock, log, runner } = options;
  const running = new Map<number, AbortController>();
  return {
    async after(turn) {
      if (running.has(turn.chatId)) return;
      const stop = new AbortController();
      running.set(turn.chatId, stop);
      const takeBack = clock.later(TIDY_MS, () => stop.abort());
      try {
        await (await runner()).tidy(turn, stop.signal);
      } catch (error) {
        log.warn("turnNotTidied", { turnId: turn.id, error: describeError(error) });
      } finally {
        takeBack();
        running.delete(turn.chatId);
      }
    },
    stopAll() {
      for (const stop of running.values()) stop.abort();
    },
  };
}
