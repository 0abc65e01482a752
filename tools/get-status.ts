import { z } from "zod";
import description from "#prompts/tools/get-status.txt" with { type: "text" };
import { ENTRY_STOP_REASONS } from "#src/core/rules/entry-stop.ts";
import * as say from "#src/reports/vocabulary.ts";
import { defineTool } from "./tool.ts";

const { asset, count, decimal, id, time, venue, word } = say;

const mandate = z.object({
  ...{ id, state: word(["offered", "armed", "revoked", "expired"]), perHedgeUsd: decimal },
  ...{ totalUsd: decimal, opensPerDay: count, lossPerDayUsd: decimal, assets: z.array(asset) },
  ...{ venues: z.array(venue), endsAt: time, usedUsd: decimal, opensToday: count },
});

/** Alerts stay out: their text may quote what a venue wrote. How many there are is told. */
export const getStatus = defineTool({
  name: "get_status",
  description,
  effect: "reads",
  input: z.strictObject({}),
  output: z.object({
    mode: word(["demo", "paper", "testnet", "live"]),
    tradingState: word(["active", "reducing", "halted"]),
    entryStops: z.array(
      z.object({
        ...{ reason: word(ENTRY_STOP_REASONS), asset: asset.nullable(), until: time },
        venue: venue.nullable(),
      }),
    ),
    ...{ marketTime: time, lastScanAt: time, nextScanAt: time },
    hedges: z.array(z.object(say.hedge)),
    proposals: z.array(
      z.object({
        ...{ id, kind: word(["open", "close"]), asset, state: word(["awaiting"]) },
        expiresAt: time,
      }),
    ),
    mandate: mandate.nullable(),
    venues: z.array(z.object({ venue, status: word(["ok", "down"]), equityUsd: decimal })),
    equityUsd: decimal,
    alerts: z.array(z.object({ at: time, severity: word(["info", "warning", "critical"]) })),
  }),
  run: ({ pipeline }) => pipeline.status(),
});
