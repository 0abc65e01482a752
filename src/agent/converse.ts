import type { ModelMessage, ModelReply } from "#src/ports/language-model.ts";
import type { Turn } from "#src/ports/store.ts";
import { stateFacts } from "./check/state-facts.ts";
import { cutOverlong } from "./cut-history.ts";
import { capText } from "./end-turn.ts";
import type { TurnOutcome } from "./hold-turns.ts";
import { recallHistory } from "./recall-history.ts";
import { createCallRunner } from "./run-calls.ts";
import type { TurnParts } from "./run-turn.ts";
import type { ShownTurn } from "./show-turn.ts";

const MAX_STEPS = 8;
const MAX_OUTPUT_TOKENS = 2_000;
/** Of one reply, before anything else looks at it: leaves room for what code has to say beneath it. */
const LONGEST_REPLY = 15_000;
const LAST_STEP = "This is the last step of this turn: answer now, from what you have.";

const TOO_MANY_STEPS =
  "That took too many steps, so I stopped. Nothing was traded. Ask something narrower, or use /best, /hedges, /status.";
const MALFORMED =
  "The language model twice asked for data in a form that I do not accept, so I stopped. Nothing was traded. Ask in other words, or use /best, /hedges, /status.";

export interface Conversation extends TurnOutcome {
  readonly steps: number;
  /** All that code told the model of the world. */
  readonly facts: string;
}

/** A turn's steps: each is one reply of the model and the calls that it asks for. */
export async function converse(
  parts: TurnParts,
  turn: Turn,
  shown: ShownTurn,
  signal: AbortSignal,
): Promise<Conversation> {
  const { model, modelTools, system, store } = parts;
  signal.throwIfAborted();
  cutOverlong(store, turn.chatId);
  const messages: ModelMessage[] = [
    ...recallHistory(store, turn.chatId),
    { role: "user", text: turn.question },
  ];
  const runCalls = createCallRunner(parts, turn.id, shown, signal);
  const told = new Set<string>();
  const end = (outcome: TurnOutcome, steps: number): Conversation => ({
    ...outcome,
    steps,
    facts: [...told].join("\n"),
  });
  let repairs = 0;
  for (let steps = 1; ; steps += 1) {
    signal.throwIfAborted();
    const isLast = steps === MAX_STEPS;
    const facts = stateFacts(parts, isLast ? LAST_STEP : null);
    if (facts) told.add(facts);
    const reply = await model.reply({
      ...{ purpose: "chat", subjectId: turn.id, system, tools: modelTools, signal },
      messages: [...messages],
      facts,
      maxOutputTokens: MAX_OUTPUT_TOKENS,
      onText: (text) => shown.text(text),
    });
    signal.throwIfAborted();
    // The calls of a reply that was cut or refused are not its decision.
    if (reply.stop !== "toolCalls" || reply.calls.length === 0)
      return end(finalAnswer(reply), steps);
    if (isLast) return end({ state: "failed", answer: TOO_MANY_STEPS }, steps);
    const { text, calls, echo } = reply;
    messages.push({ role: "assistant", text, calls, echo });
    const { results, isMalformed } = await runCalls(calls);
    messages.push(...results);
    // One chance to mend it: a second reply of that kind in a row is the last.
    repairs = isMalformed ? repairs + 1 : 0;
    if (repairs > 1) return end({ state: "failed", answer: MALFORMED }, steps);
  }
}

function finalAnswer({ text, stop }: ModelReply): TurnOutcome {
  const answer = capText(text, LONGEST_REPLY);
  if (!saysSomething(answer)) {
    return stop === "refused"
      ? {
          state: "answered",
          answer: "The language model would not answer that. Ask in other words, or use a command.",
        }
      : {
          state: "failed",
          answer:
            "The language model gave no answer. Nothing was traded. Ask again, or use /best, /status, /hedges.",
        };
  }
  const isCut = stop === "length" || stop === "refused";
  return { state: "answered", answer: isCut ? `${answer}\n\n(The answer ends here.)` : answer };
}

/** An answer of blanks, marks or images alone would reach the chat empty. */
function saysSomething(text: string): boolean {
  const words = text.replace(/!\[[^\]]*\]\([^)]*\)/g, "");
  return /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(words);
}
