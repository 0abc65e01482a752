import { dec } from "#src/core/decimal.ts";
import type { Slot } from "#src/core/decision.ts";
import type { Vote } from "#src/ports/advisor.ts";
import type { ModelReply } from "#src/ports/language-model.ts";
import { choiceSchema } from "./choice-schema.ts";

/** What is kept of an answer; a longer one is none. */
export const LONGEST_RAW = 4_000;
/** Text of JSON, and whether it names a field. */
const STRINGS = /"(?:[^"\\]|\\.)*"(\s*:)?/gs;

type Choice = Pick<Vote, "raw" | "failure" | "choice" | "confidence" | "reasoning" | "risks">;

/** Reads an answer in its one form, or says why it is none. Nothing is mended and nothing is guessed. */
export function readChoice(
  { text, stop }: Pick<ModelReply, "text" | "stop">,
  offered: ReadonlySet<Slot>,
): Choice {
  const raw = text.slice(0, LONGEST_RAW);
  if (stop === "length" || text.length > LONGEST_RAW) return noChoice("cut", raw);
  const json = parseJson(text);
  if (json === undefined) return noChoice("notJson", raw);
  const parsed = choiceSchema.safeParse(json);
  if (!parsed.success || stop !== "end" || saysTwice(text)) return noChoice("wrongShape", raw);
  const { choice, confidence, reasoning, risks } = parsed.data;
  if (!offered.has(choice)) return noChoice("slotNotOffered", raw);
  return { raw, failure: null, choice, confidence: dec(String(confidence)), reasoning, risks };
}

export function noChoice(failure: NonNullable<Vote["failure"]>, raw: string | null): Choice {
  return { raw, failure, choice: null, confidence: null, reasoning: null, risks: [] };
}

/** A field that stands twice could be read in two ways. */
function saysTwice(json: string): boolean {
  const fields = [...json.matchAll(STRINGS)].filter(([, colon]) => colon !== undefined);
  return fields.length !== Object.keys(choiceSchema.shape).length;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
