import type { Bot } from "grammy";
import type { Store } from "#src/ports/store.ts";

/** Messages that stand for an answer in progress, where there are no drafts: durable, so that none stays. */
export function rememberPlaceholder(
  store: Store,
  chatId: number,
  turnId: string,
  messageId: number,
): void {
  const kept = list(store, chatId);
  store.transaction(() => save(store, chatId, [...kept, { turnId, messageId }]));
}

/** Takes away those whose turn is over. */
export async function removePlaceholders(bot: Bot, store: Store, chatId: number): Promise<void> {
  const live = new Set(store.liveTurns(chatId).map(({ id }) => id));
  const over = list(store, chatId).filter(({ turnId }) => !live.has(turnId));
  if (over.length === 0) return;
  for (const { messageId } of over) {
    // One that cannot be deleted any more is left to the owner.
    await bot.api.deleteMessage(chatId, messageId).catch(() => undefined);
  }
  const gone = new Set(over.map(({ turnId }) => turnId));
  const left = list(store, chatId).filter(({ turnId }) => !gone.has(turnId));
  store.transaction(() => save(store, chatId, left));
}

interface Placeholder {
  readonly turnId: string;
  readonly messageId: number;
}

/** `turn message`, one a line. */
function list(store: Store, chatId: number): readonly Placeholder[] {
  return (store.getFact(factKey(chatId)) ?? "")
    .split("\n")
    .map((line) => line.split(" "))
    .flatMap(([turnId, messageId]) =>
      turnId && messageId ? [{ turnId, messageId: Number(messageId) }] : [],
    );
}

function save(store: Store, chatId: number, placeholders: readonly Placeholder[]): void {
  const lines = placeholders.map(({ turnId, messageId }) => `${turnId} ${messageId}`);
  store.setFact(factKey(chatId), lines.join("\n"));
}

function factKey(chatId: number): string {
  return `placeholders:${chatId}`;
}
