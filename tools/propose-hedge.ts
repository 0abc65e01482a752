import { z } from "zod";
import description from "#prompts/tools/propose-hedge.txt" with { type: "text" };
import { describeProposal } from "#src/pipeline/propose/describe-proposal.ts";
import { proposalWords } from "#src/reports/vocabulary.ts";
import { assetInput, defineTool } from "./tool.ts";

export const proposeHedge = defineTool({
  name: "propose_hedge",
  description,
  effect: "proposes",
  input: z.strictObject({
    asset: assetInput.nullable(),
    candidateId: z
      .string()
      .trim()
      .regex(/^C-[A-Za-z0-9-]{1,24}$/)
      .nullable(),
  }),
  output: proposalWords,
  async run({ pipeline }, { asset, candidateId }) {
    if (candidateId) return describeProposal(await pipeline.proposeOpen({ candidateId }, "agent"));
    if (asset) return describeProposal(await pipeline.proposeOpen({ asset }, "agent"));
    return describeProposal({ kind: "unavailable", reason: "NOTHING_NAMED" });
  },
});
