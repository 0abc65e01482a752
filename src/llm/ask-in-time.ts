import type { Clock } from "#src/ports/clock.ts";
import { ModelError, type ModelFailure } from "#src/ports/language-model.ts";
import { asModelError } from "./model-errors.ts";

/** One request of ours may take so long, to its last word. */
export const MODEL_TIMEOUT_MS = 60_000;

/**
 * Runs one request under the caller's signal and a deadline: a library's own timeout ends with the first
 * header, and a stream may then hang for ever. Throws only ModelError.
 */
export async function askInTime<T>(
  options: {
    readonly clock: Clock;
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
    /** Never repeated in an error. */
    readonly apiKey: string | null;
  },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { clock, timeoutMs, signal } = options;
  if (signal.aborted) {
    throw new ModelError("aborted", "stopped before it was sent", { mayBeBilled: false });
  }
  const late = new AbortController();
  const cancel = clock.later(timeoutMs, () => late.abort());
  try {
    const answer = await work(AbortSignal.any([signal, late.signal]));
    // A library may end a stream quietly when it was aborted: half an answer is none.
    if (signal.aborted || late.signal.aborted) throw new ModelError("aborted", "stopped");
    return answer;
  } catch (error) {
    if (signal.aborted) throw ended("aborted", "stopped", error);
    if (late.signal.aborted) throw ended("timeout", `no whole answer in ${timeoutMs} ms`, error);
    throw asModelError(error, options.apiKey);
  } finally {
    cancel();
  }
}

/** The request was on its way, so it may be billed. */
function ended(failure: ModelFailure, message: string, cause: unknown): ModelError {
  return new ModelError(failure, message, { cause });
}
