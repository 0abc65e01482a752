import { z } from "zod";
import description from "#prompts/tools/get-rates.txt" with { type: "text" };
import { assetInput, defineTool } from "./tool.ts";

export const getRates = defineTool({
  name: "get_rates",
  description,
  effect: "reads",
  input: z.strictObject({ asset: assetInput.nullable() }),
  run: ({ pipeline }, { asset }) => pipeline.rates(asset ?? undefined),
});
