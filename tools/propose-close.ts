import { z } from "zod";
import description from "#prompts/tools/propose-close.txt" with { type: "text" };
import { describeProposal } from "#src/pipeline/describe-proposal.ts";
import { defineTool } from "./tool.ts";

export const proposeClose = defineTool({
  name: "propose_close",
  description,
  effect: "proposes",
  input: z.strictObject({ hedge: z.string().min(1).max(40) }),
  run: async ({ pipeline }, { hedge }) =>
    describeProposal(await pipeline.proposeClose(hedge, "agent")),
});
