import { z } from "zod";
import description from "#prompts/tools/get-performance.txt" with { type: "text" };
import { count, day, decimal, hedge, time, venue } from "#src/reports/vocabulary.ts";
import { defineTool } from "./tool.ts";

const parts = z
  .object({
    ...{ priceUsd: decimal, fundingUsd: decimal, feesUsd: decimal },
    ...{ interestUsd: decimal, totalUsd: decimal, basisUsd: decimal, residualUsd: decimal },
    ...{ realisedUsd: decimal, unrealisedUsd: decimal },
  })
  .nullable();

const booked = { fundingUsd: decimal, feesUsd: decimal, interestUsd: decimal };

const figures = z.object({
  ...{ days: count, daysNeeded: count, sharpe: decimal, maxDrawdown: decimal },
  ...{ timeWeightedReturn: decimal, winRatePeriods: decimal, fundingPeriods: count },
  ...{ winRatePositions: decimal, closedPositions: count, averageHoldingHours: decimal },
  ...{ hedgesOverEquity: decimal, grossOverEquity: decimal, marginOverEquity: decimal },
  ...{ cashYield: decimal, targetSharpe: decimal, targetWinRate: decimal },
  targetUtilisation: decimal,
});

export const getPerformance = defineTool({
  name: "get_performance",
  description,
  effect: "reads",
  input: z.strictObject({}),
  output: z.object({
    ...{ asOf: time, total: parts, hedges: z.array(z.object({ ...hedge, pnl: parts })), figures },
    venues: z.array(
      z.object({
        ...{ venue, priceUsd: decimal, ...booked, totalUsd: decimal, transfersUsd: decimal },
        equityUsd: decimal,
      }),
    ),
    days: z.array(z.object({ day, ...booked, gainUsd: decimal, otherUsd: decimal })),
    ...{ otherUsd: decimal, transfersUsd: decimal, quoteFxUsd: decimal },
    ...{ equityUsd: decimal, equityAtStartUsd: decimal, unexplainedUsd: decimal },
  }),
  run: ({ pipeline }) => pipeline.performance(),
});
