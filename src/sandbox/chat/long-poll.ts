import type { Clock } from "#src/ports/clock.ts";
import type { ChatState, ChatUpdate } from "./chat-state.ts";
import { ApiError, type Params } from "./read-params.ts";

const STEP_MS = 20;
const LONGEST_S = 50;

/** getUpdates: holds the request until there is something, and lets only the newest poller have it. */
export function createLongPoll(
  state: ChatState,
  clock: Clock,
): (params: Params, signal: AbortSignal) => Promise<readonly ChatUpdate[]> {
  let newest = 0;
  return async (params, signal) => {
    newest += 1;
    const mine = newest;
    const offset = Number(params.offset ?? 0);
    const limit = Math.min(100, Math.max(1, Number(params.limit ?? 100)));
    const holdMs = Math.min(LONGEST_S, Math.max(0, Number(params.timeout ?? 0))) * 1000;
    const until = clock.wallNow() + holdMs;
    for (;;) {
      if (mine !== newest) {
        throw new ApiError(
          409,
          "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
        );
      }
      const updates = state.updatesFrom(offset, limit);
      if (updates.length > 0 || clock.wallNow() >= until || signal.aborted) return updates;
      await clock.sleep(STEP_MS, signal);
    }
  };
}
