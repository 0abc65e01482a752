import type { EpochMs } from "#src/core/units.ts";
import type { Store } from "#src/ports/store.ts";

/** Everything that is due, and everything that waits to be tried again. */
const FAR = Number.MAX_SAFE_INTEGER;
const ALL = 10_000;

/**
 * Makes this person the owner (a private chat has its person's id); 0 for nobody yet. What was queued for
 * another is let go of: it would be tried for ever in a chat that is not ours any more.
 */
export function bindOwner(store: Store, ownerId: number, now: EpochMs): void {
  if (Number(store.getFact("ownerId") ?? "0") === ownerId) return;
  store.transaction(() => {
    for (const item of store.dueOutbox(FAR, ALL)) store.markDelivered(item.id, now);
    store.setFact("ownerId", String(ownerId));
    store.setFact("chatId", String(ownerId));
  });
}
