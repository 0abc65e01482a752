import { z } from "zod";
import type { ModelMessage } from "#src/ports/language-model.ts";
import type { Store } from "#src/ports/store.ts";

/** Rows that are looked at; a turn is a few rows. */
const ROWS = 24;
const LONGEST_TEXT = 4_000;

const saved = z.object({ role: z.enum(["user", "assistant"]), text: z.string() });

/**
 * What was said in this chat, oldest first: only what both sides wrote. Tool results are not kept: they
 * are old figures by the next turn, and the model must ask again.
 */
export function recallConversation(store: Store, chatId: number): readonly ModelMessage[] {
  return store.recentConversation(chatId, ROWS).flatMap((row): readonly ModelMessage[] => {
    const parsed = saved.safeParse(JSON.parse(row.body));
    if (!parsed.success) return [];
    const { role, text } = parsed.data;
    return [role === "user" ? { role, text } : { role, text, calls: [] }];
  });
}

/** A finished turn, question and answer together: history never ends in the middle. */
export function rememberTurn(
  store: Store,
  chatId: number,
  turn: { readonly question: string; readonly answer: string },
  at: number,
): void {
  const row = (role: "user" | "assistant", text: string) =>
    store.appendConversation(
      chatId,
      { role, body: JSON.stringify({ role, text: text.slice(0, LONGEST_TEXT) }) },
      at,
    );
  store.transaction(() => {
    row("user", turn.question);
    row("assistant", turn.answer);
  });
}
