import { z } from "zod";
import description from "#prompts/tools/explain-decision.txt" with { type: "text" };
import { assetInput, defineTool } from "./tool.ts";

export const explainDecision = defineTool({
  name: "explain_decision",
  description,
  effect: "reads",
  input: z.strictObject({ asset: assetInput.nullable() }),
  run: async ({ pipeline }, { asset }) => ({ asset, decisions: pipeline.explain(asset) }),
});
