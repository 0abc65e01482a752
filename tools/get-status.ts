import { z } from "zod";
import description from "#prompts/tools/get-status.txt" with { type: "text" };
import { defineTool } from "./tool.ts";

export const getStatus = defineTool({
  name: "get_status",
  description,
  effect: "reads",
  input: z.strictObject({}),
  run: ({ pipeline }) => pipeline.status(),
});
