import { z } from "zod";
import description from "#prompts/tools/get-rates.txt" with { type: "text" };
import {
  asset,
  count,
  decimal,
  instrument,
  REFUSED_RATE,
  time,
  venue,
  word,
} from "#src/reports/vocabulary.ts";
import { assetInput, defineTool } from "./tool.ts";

export const getRates = defineTool({
  name: "get_rates",
  description,
  effect: "reads",
  input: z.strictObject({ asset: assetInput.nullable() }),
  output: z.object({
    asOf: time,
    assets: z.array(
      z.object({
        asset,
        venues: z.array(
          z.object({
            ...{ venue, instrument, rate: decimal, intervalHours: decimal, rate8h: decimal },
            ...{ apr: decimal, nextFundingAt: time, minutesToFunding: count, ageSeconds: count },
          }),
        ),
        spot: z.array(z.object({ venue, instrument, borrow8h: decimal, borrowApr: decimal })),
      }),
    ),
    refused: z.array(z.object({ venue, instrument, reason: word(REFUSED_RATE) })),
  }),
  run: ({ pipeline }, input) => pipeline.rates(input.asset ?? undefined),
});
