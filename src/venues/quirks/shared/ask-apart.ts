import { currentCall, inCall, newCall } from "#src/venues/ccxt/call-context.ts";

/**
 * Runs in a call of its own what belongs to a mutation but is not it: what must be known before it can be
 * signed (while only that was asked, nothing was sent), and what follows it (its answer says nothing of it).
 */
export function askApart<T>(question: () => Promise<T>): Promise<T> {
  return inCall(newCall(currentCall()?.urgency ?? "read"), question);
}
