import { z } from "zod";
import description from "#prompts/tools/get-performance.txt" with { type: "text" };
import { decimal, hedge, time } from "#src/reports/vocabulary.ts";
import { defineTool } from "./tool.ts";

const parts = z
  .object({
    ...{ priceUsd: decimal, fundingUsd: decimal, feesUsd: decimal },
    ...{ interestUsd: decimal, totalUsd: decimal },
  })
  .nullable();

export const getPerformance = defineTool({
  name: "get_performance",
  description,
  effect: "reads",
  input: z.strictObject({}),
  output: z.object({
    ...{ asOf: time, total: parts, hedges: z.array(z.object({ ...hedge, pnl: parts })) },
    ...{ equityUsd: decimal, equityAtStartUsd: decimal, unexplainedUsd: decimal },
  }),
  run: ({ pipeline }) => pipeline.performance(),
});
