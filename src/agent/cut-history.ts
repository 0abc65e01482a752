import summaryPrompt from "#prompts/summary.txt" with { type: "text" };
import { describeError } from "#src/core/errors.ts";
import type { Store, Turn } from "#src/ports/store.ts";
import { capText } from "./end-turn.ts";
import { HISTORY_CHARS, HISTORY_TURNS, lengthOf, turnsSinceCut } from "./recall-history.ts";
import type { TurnParts } from "./run-turn.ts";
import { untilAborted } from "./until-aborted.ts";

const LONGEST_NOTES = 2_000;
const LONGEST_QUOTE = 2_000;
const LONGEST_DIGEST = 160;
const MAX_OUTPUT_TOKENS = 600;

/**
 * When the history is full, its older half becomes notes, in one big step: every cut costs the providers'
 * caches once. The model writes them; when it cannot, code does.
 */
export async function cutHistory(
  parts: TurnParts,
  turn: Pick<Turn, "id" | "chatId">,
  signal: AbortSignal,
): Promise<void> {
  const { store } = parts;
  const older = olderHalf(turnsSinceCut(store, turn.chatId));
  const last = older.at(-1);
  if (!last) return;
  const before = store.getSummary(turn.chatId);
  const text = await summarise(parts, turn.id, before?.text ?? "", older, signal);
  // A turn that began meanwhile may have cut already, and further.
  if (store.getSummary(turn.chatId)?.throughSeq !== before?.throughSeq) return;
  store.journal(() => store.saveSummary(turn.chatId, { throughSeq: last.seq, text }));
}

/** Cuts without a model what grew far too long, e.g. while none answered. Before a turn. */
export function cutOverlong(store: Store, chatId: number): void {
  const turns = turnsSinceCut(store, chatId);
  if (turns.length <= 2 * HISTORY_TURNS && totalLength(turns) <= 2 * HISTORY_CHARS) return;
  const older = olderHalf(turns);
  const last = older.at(-1);
  if (!last) return;
  const text = digest(store, store.getSummary(chatId)?.text ?? "", older);
  store.journal(() => store.saveSummary(chatId, { throughSeq: last.seq, text }));
}

/** Nothing while there is room; else all but the newest that fill half of it. One always stays. */
function olderHalf(turns: readonly Turn[]): readonly Turn[] {
  if (turns.length <= HISTORY_TURNS && totalLength(turns) <= HISTORY_CHARS) return [];
  let kept = 1;
  while (
    kept < HISTORY_TURNS / 2 &&
    kept < turns.length &&
    totalLength(turns.slice(-kept - 1)) <= HISTORY_CHARS / 2
  ) {
    kept += 1;
  }
  return turns.slice(0, -kept);
}

function totalLength(turns: readonly Turn[]): number {
  return turns.reduce((sum, turn) => sum + lengthOf(turn), 0);
}

async function summarise(
  parts: TurnParts,
  turnId: string,
  before: string,
  older: readonly Turn[],
  signal: AbortSignal,
): Promise<string> {
  const { model, store, log } = parts;
  const talk = older.flatMap(({ question, answer }) => [
    `Owner: ${capText(question, LONGEST_QUOTE)}`,
    `Assistant: ${capText(answer ?? "", LONGEST_QUOTE)}`,
  ]);
  const earlier = before === "" ? [] : [`Notes so far: ${before}`];
  try {
    const shortening = model.reply({
      ...{ purpose: "chat", subjectId: turnId, system: summaryPrompt, facts: null, tools: [] },
      messages: [{ role: "user", text: [...earlier, ...talk].join("\n\n") }],
      ...{ maxOutputTokens: MAX_OUTPUT_TOKENS, signal },
    });
    const reply = await untilAborted(signal, shortening);
    const notes = withoutFigures(capText(reply.text.trim(), LONGEST_NOTES, ""));
    // The rules stand in for a model in a talk; they shorten nothing.
    const isModel = reply.modelId !== "offline";
    if (isModel && reply.stop === "end" && notes !== "") return notes;
  } catch (error) {
    log.warn("notSummarised", { turnId, error: describeError(error) });
  }
  return digest(store, before, older);
}

/** A line a turn, the newest that fit. */
function digest(store: Store, before: string, older: readonly Turn[]): string {
  const lines = older.map(({ id, question, state }) => {
    const names = store.callsOf(id).map(({ name }) => name);
    // A name that no tool could have is the model's own text.
    const tools = [...new Set(names)].filter((name) => /^[a-z_]{1,40}$/.test(name));
    const asked = tools.length > 0 ? ` Tools asked: ${tools.join(", ")}.` : "";
    const said = capText(question.replace(/\s+/g, " "), LONGEST_DIGEST, "…");
    return `- The owner wrote: "${said}" (${state}).${asked}`;
  });
  const whole = [...(before === "" ? [] : [before]), ...lines].join("\n");
  return withoutFigures(whole.length <= LONGEST_NOTES ? whole : whole.slice(-LONGEST_NOTES));
}

/** What was true then must not be quoted now. Ids and names that hold digits stay. */
function withoutFigures(text: string): string {
  return text
    .replace(
      /(?<![\w-])[-+~$€]*\d[\d.,_]*(?:\s?(?:%|bps?\b|x\b|k\b|m\b|USD[CT]?\b))?(?![\w-])/gi,
      "…",
    )
    .toWellFormed();
}
