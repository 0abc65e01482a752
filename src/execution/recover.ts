import { describeError } from "#src/core/errors.ts";
import type { ExecutionContext } from "./context.ts";
import { askVenue } from "./fate/ask-venue.ts";
import { keepWatch } from "./keep-watch.ts";

const FIRST_ROUND_MS = 5_000;

/**
 * Start is recovery: what was never sent is dead, what may have been sent is asked after, and hedges that
 * stood between two states are brought to one. What a venue cannot say yet is asked again by every round
 * of the watch, so that a start never waits for it. Safe to be cut off and run again.
 */
export async function recover(context: ExecutionContext): Promise<{ readonly open: number }> {
  const { store } = context;
  const open = store.listAttempts({ states: ["intent", "sent"] });
  store.transaction(() => {
    for (const { clientOrderId, state } of open) {
      if (state === "intent") store.moveAttempt(clientOrderId, "dead", "never sent");
      else store.moveAttempt(clientOrderId, "unknown", "restart");
    }
  });
  // A silent venue must not hold up the start: what the first round leaves open, the next ones take up.
  await askVenue(context, keepWatch(context), FIRST_ROUND_MS).catch((error: unknown) => {
    context.log.warn("recoveryGoesOn", { error: describeError(error) });
  });
  return { open: open.length };
}
