import { z } from "zod";
import { DECISION_RISKS, SLOTS } from "#src/core/decision.ts";

export const LONGEST_REASONING = 600;

/** The one form in which a model may answer. It is the same in every scan, whatever is offered. */
export const choiceSchema = z.strictObject({
  choice: z.enum(SLOTS).describe("one slot of the tables, or HOLD"),
  confidence: z.number().min(0).max(1).describe("0 to 1"),
  reasoning: z.string().max(LONGEST_REASONING).describe("at most 60 words, for the owner"),
  risks: z.array(z.enum(DECISION_RISKS)).max(DECISION_RISKS.length).describe("what may go wrong"),
});

const { $schema: _, ...schema } = z.toJSONSchema(choiceSchema, { io: "input", target: "draft-7" });

/** What providers are told; each adapter takes out the bounds that its endpoint would not take. */
export const CHOICE_JSON_SCHEMA: Readonly<Record<string, unknown>> = schema;
