import type { Clock } from "#src/ports/clock.ts";
import type { Ring } from "#src/ports/venue.ts";

/** Between two answers, so that the ten messages of one order are one look. */
const PAUSE_MS = 200;
/** Whoever is rung without end answers no more often than this, so that requests stay for other things. */
const LONGEST_PAUSE_MS = 3_200;
/** What a venue tells on a stream it may not yet tell who asks; so it is asked once more. */
const ECHO_MS = 1_000;

/**
 * Rings in, looks out: one look runs at a time, rings during it are answered by one more after it. A ring says
 * nothing but that somebody should look, so any number of them is worth one.
 */
export function createDoorbell(parts: {
  readonly clock: Clock;
  /** Never throws. */
  readonly answer: () => Promise<void>;
  readonly signal: AbortSignal;
}): { ring(what: Ring): void; quiet(): Promise<void> } {
  const { clock, answer, signal } = parts;
  let rung = false;
  let answering: Promise<void> | null = null;
  let answeredMs = Number.NEGATIVE_INFINITY;
  let pauseMs = PAUSE_MS;
  let forgetEcho: (() => void) | null = null;

  async function answerAll(): Promise<void> {
    while (rung && !signal.aborted) {
      const sinceMs = clock.elapsedMs() - answeredMs;
      if (sinceMs < pauseMs) await clock.sleep(pauseMs - sinceMs, signal);
      pauseMs =
        sinceMs > 2 * LONGEST_PAUSE_MS ? PAUSE_MS : Math.min(pauseMs * 1.25, LONGEST_PAUSE_MS);
      if (signal.aborted) return;
      rung = false;
      await answer();
      answeredMs = clock.elapsedMs();
    }
  }

  function look(): void {
    rung = true;
    answering ??= answerAll().finally(() => {
      answering = null;
      // Rung after the last look had begun to be over.
      if (rung && !signal.aborted) look();
    });
  }

  return {
    ring(what) {
      if (signal.aborted) return;
      look();
      if (what === "price") return;
      forgetEcho?.();
      forgetEcho = clock.later(ECHO_MS, look);
    },
    async quiet() {
      forgetEcho?.();
      await answering;
    },
  };
}
