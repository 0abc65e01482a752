import { z } from "zod";
import description from "#prompts/tools/get-performance.txt" with { type: "text" };
import { defineTool } from "./tool.ts";

export const getPerformance = defineTool({
  name: "get_performance",
  description,
  effect: "reads",
  input: z.strictObject({}),
  run: ({ pipeline }) => pipeline.performance(),
});
