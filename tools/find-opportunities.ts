import { z } from "zod";
import description from "#prompts/tools/find-opportunities.txt" with { type: "text" };
import { assetInput, defineTool } from "./tool.ts";

export const findOpportunities = defineTool({
  name: "find_opportunities",
  description,
  effect: "reads",
  input: z.strictObject({ asset: assetInput.nullable() }),
  run: ({ pipeline }, { asset }) => pipeline.opportunities(asset ?? undefined),
});
