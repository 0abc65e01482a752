import { z } from "zod";
import description from "#prompts/tools/propose-hedge.txt" with { type: "text" };
import { describeProposal } from "#src/pipeline/describe-proposal.ts";
import { assetInput, defineTool } from "./tool.ts";

export const proposeHedge = defineTool({
  name: "propose_hedge",
  description,
  effect: "proposes",
  input: z.strictObject({
    asset: assetInput.nullable(),
    candidateId: z.string().max(40).nullable(),
  }),
  async run({ pipeline }, { asset, candidateId }) {
    if (candidateId) return describeProposal(await pipeline.proposeOpen({ candidateId }, "agent"));
    if (asset) return describeProposal(await pipeline.proposeOpen({ asset }, "agent"));
    return {
      status: "unavailable",
      reason: "NOTHING_NAMED",
      hint: "Give an asset or a candidate id.",
    };
  },
});
