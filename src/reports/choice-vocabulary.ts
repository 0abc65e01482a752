import { z } from "zod";
import { DECISION_GATES, DECISION_RISKS } from "#src/core/decision.ts";
import { VOTE_FAILURES } from "#src/ports/advisor.ts";
import { asset, count, decimal, id, time, venue, word, wordOrNull } from "./vocabulary.ts";

const pick = z.object({
  action: word(["open", "close", "hold"]),
  ...{ asset, shortVenue: venue.nullable(), longVenue: venue.nullable() },
});

/** As settings name models. */
const model = z
  .string()
  .regex(/^(?!.*:\/\/)[\w.:/@-]{1,120}$/)
  .catch("WITHHELD");

/** What a choice began: an id of ours, or codes. */
const ref = z
  .string()
  .regex(/^([A-Z]-[A-Za-z0-9-]{1,24}|[A-Z_ ]{1,400})$/)
  .catch("WITHHELD");

/** What a scan chose, in words that a model may read: what another model wrote is not among them. */
export const choice = z.object({
  ...{ id, at: time, choice: pick.nullable(), policy: pick, costMicroUsd: count },
  decidedBy: wordOrNull(["rules", "models"]),
  gates: z.array(word(DECISION_GATES)),
  votes: z.array(
    z.object({
      ...{ model, choice: pick.nullable(), confidence: decimal },
      ...{ failure: wordOrNull(VOTE_FAILURES), risks: z.array(word(DECISION_RISKS)) },
    }),
  ),
  results: z.array(
    z.object({
      kind: word(["proposed", "closeProposed", "opening", "denied", "unavailable"]),
      ref,
    }),
  ),
  outcomes: z.array(
    z.object({
      ...{ horizonHours: count, state: word(["waiting", "known", "unknown"]) },
      ...{ netRate: decimal, policyNetRate: decimal, pnlUsd: decimal },
    }),
  ),
});
