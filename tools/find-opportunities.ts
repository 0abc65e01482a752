import { z } from "zod";
import description from "#prompts/tools/find-opportunities.txt" with { type: "text" };
import * as say from "#src/reports/vocabulary.ts";
import { assetInput, defineTool } from "./tool.ts";

const { asset, decimal, id, NOT_WORTHWHILE, time, venue } = say;

export const findOpportunities = defineTool({
  name: "find_opportunities",
  description,
  effect: "reads",
  input: z.strictObject({ asset: assetInput.nullable() }),
  output: z.object({
    asOf: time,
    opportunities: z.array(
      z.object({
        ...{
          candidateId: id,
          asset,
          shortVenue: venue,
          longVenue: venue,
          shortMarket: say.market,
          longMarket: say.market,
          spread8h: decimal,
        },
        ...{ trailingSpread8h: decimal, costRate: decimal, aprOnNotional: decimal },
        ...{ netAprOnCapital: decimal, breakEvenHours: decimal, worthwhile: say.yesNo },
        ...{ netUsdPerDay: decimal, payingSpread8h: decimal, expectedCarryRate: decimal },
        reason: say.wordOrNull(NOT_WORTHWHILE),
        figures: z
          .object({ have: decimal, need: decimal, unit: say.word(say.FIGURE_UNITS), venue })
          .nullable(),
      }),
    ),
    cashYield: decimal,
    nothingWorthDoing: say.yesNo,
    dropped: z.array(z.object({ asset, reason: say.word(NOT_WORTHWHILE) })),
  }),
  run: ({ pipeline }, input) => pipeline.opportunities(input.asset ?? undefined),
});
