import { z } from "zod";
import description from "#prompts/tools/propose-close.txt" with { type: "text" };
import { describeProposal } from "#src/pipeline/propose/describe-proposal.ts";
import { proposalWords } from "#src/reports/vocabulary.ts";
import { defineTool } from "./tool.ts";

/** An id of ours, or an asset. */
const HEDGE = /^([Hh]-[A-Za-z0-9-]{1,24}|[A-Za-z0-9]{1,20})$/;

export const proposeClose = defineTool({
  name: "propose_close",
  description,
  effect: "proposes",
  input: z.strictObject({ hedge: z.string().normalize("NFKC").trim().regex(HEDGE) }),
  output: proposalWords,
  run: async ({ pipeline }, { hedge }) =>
    describeProposal(await pipeline.proposeClose(hedge, "agent")),
});
