import type { Clock } from "#src/ports/clock.ts";
import type { Store, Turn, TurnState } from "#src/ports/store.ts";

/** Longer than any answer that somebody reads on a phone; the rest is not kept. */
const LONGEST_ANSWER = 16_000;

/**
 * The end of a turn and the message about it are one: whoever ends it first decides, and a turn that has
 * ended says nothing more. Inside a transaction.
 */
export function endTurn(
  parts: {
    readonly store: Store;
    readonly clock: Pick<Clock, "wallNow">;
    readonly redact: (text: string) => string;
  },
  turn: Pick<Turn, "id" | "chatId">,
  state: Exclude<TurnState, "waiting" | "running">,
  answer: string,
): boolean {
  const { store, clock, redact } = parts;
  const text = capText(redact(capText(answer, LONGEST_ANSWER)), LONGEST_ANSWER);
  if (!store.moveTurn(turn.id, state, { answer: text, endedAt: clock.wallNow() })) return false;
  const content = { type: "answer", turnId: turn.id } as const;
  store.enqueue({ severity: "info", chatId: turn.chatId, content });
  return true;
}

/** Cut between characters, with a word about it. */
export function capText(text: string, longest: number, note = "\n\n(The rest was cut.)"): string {
  const whole = text.toWellFormed().replaceAll("\0", "");
  if (whole.length <= longest) return whole;
  return `${whole.slice(0, longest - note.length).replace(/[\uD800-\uDBFF]$/, "")}${note}`;
}
