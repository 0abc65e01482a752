import type { Clock } from "#src/ports/clock.ts";
import { type LanguageModel, ModelError, type ModelFailure } from "#src/ports/language-model.ts";

const RETRIED: readonly ModelFailure[] = ["rateLimited", "overloaded", "network", "timeout"];
const WAIT_MS = 1_000;
/** Whoever asks us to wait longer will refuse a second time. */
const LONGEST_WAIT_MS = 10_000;

/** Asks a second time when that may help and the first attempt and the wait took no longer than `windowMs`. */
export function createRetryingModel(
  model: LanguageModel,
  { clock, windowMs }: { readonly clock: Clock; readonly windowMs: number },
): LanguageModel {
  return {
    id: model.id,
    async reply(request) {
      const startedMs = clock.elapsedMs();
      try {
        return await model.reply(request);
      } catch (error) {
        if (!(error instanceof ModelError) || !RETRIED.includes(error.failure)) throw error;
        const waitMs = error.retryAfterMs ?? WAIT_MS;
        const isLate = clock.elapsedMs() - startedMs + waitMs > windowMs;
        if (waitMs > LONGEST_WAIT_MS || isLate) throw error;
        await clock.sleep(waitMs, request.signal);
        return model.reply(request);
      }
    },
  };
}
