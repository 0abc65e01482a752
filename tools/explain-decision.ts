import { z } from "zod";
import description from "#prompts/tools/explain-decision.txt" with { type: "text" };
import { DECISION_RISKS, SLOTS } from "#src/core/decision.ts";
import { ENTRY_STOP_REASONS } from "#src/core/rules/entry-stop.ts";
import { HOLD_REASONS } from "#src/core/rules/judge-hold.ts";
import { DENIAL_CODES, UNAVAILABLE_REASONS } from "#src/core/words/plain-words.ts";
import { choice } from "#src/reports/choice-vocabulary.ts";
import {
  asset,
  decimal,
  FIGURE_UNITS,
  id,
  NOT_WORTHWHILE,
  REFUSED_RATE,
  time,
  venue,
  word,
} from "#src/reports/vocabulary.ts";
import { assetInput, defineTool } from "./tool.ts";

const OUTCOMES = [
  ...[
    "WORTHWHILE",
    "proposed",
    "denied",
    "unavailable",
    "closeProposed",
    "opening",
    "held",
    "WAITS_FOR_WINDOW",
  ],
  ...[...NOT_WORTHWHILE, ...HOLD_REASONS, "ROTATE"],
];
const CODES = new Set<string>([
  ...["owner", "agent", "scan", "rules", "models", "long", "short", "unknown"],
  ...[...OUTCOMES, ...REFUSED_RATE, ...DENIAL_CODES, ...UNAVAILABLE_REASONS],
  ...[...SLOTS, ...DECISION_RISKS, ...FIGURE_UNITS, ...ENTRY_STOP_REASONS],
]);
const DEEPEST = 4;
const CHOICES = 5;

/** What models wrote when they decided stays out: the next one would read it as an instruction. */
export const explainDecision = defineTool({
  name: "explain_decision",
  description,
  effect: "reads",
  input: z.strictObject({ asset: assetInput.nullable() }),
  output: z.object({
    asset,
    decisions: z.array(
      z.object({
        ...{ at: time, kind: word(["scan", "open", "close", "watch"]), asset },
        outcome: word(OUTCOMES),
        detail: z.unknown().transform((detail) => codesOf(detail, "", DEEPEST)),
      }),
    ),
    choices: z.array(choice),
  }),
  run: async ({ pipeline }, input) => ({
    asset: input.asset,
    decisions: pipeline.explain(input.asset),
    choices: pipeline.decisions({ asset: input.asset, limit: CHOICES }),
  }),
});

/** Figures, times, ids, names by their fields, and the codes that we know; no other word. */
function codesOf(value: unknown, field: string, depth: number): unknown {
  if (value === null || typeof value === "boolean" || typeof value === "number") return value;
  if (typeof value === "string") return codeOf(value, field);
  if (depth === 0 || typeof value !== "object") return null;
  if (Array.isArray(value)) return value.map((one) => codesOf(one, field, depth - 1));
  const fields = Object.entries(value).filter(([name]) => /^[a-z][A-Za-z0-9]{0,31}$/.test(name));
  return Object.fromEntries(
    fields.map(([name, one]: [string, unknown]) => [name, codesOf(one, name, depth - 1)]),
  );
}

function codeOf(text: string, field: string): unknown {
  if (CODES.has(text)) return text;
  const byName = /asset|^other$/i.test(field)
    ? asset
    : /venue|^short$|^long$/i.test(field)
      ? venue
      : null;
  if (byName) return byName.parse(text);
  return decimal.parse(text) ?? time.parse(text) ?? id.parse(text);
}
