import { z } from "zod";
import { isPlainAsset, isPlainSymbol } from "#src/core/words/plain-name.ts";
import {
  DENIAL_CODES,
  OPPORTUNITY_REASONS,
  UNAVAILABLE_REASONS,
} from "#src/core/words/plain-words.ts";

/*
 * Every word that a tool may tell a model. Names and texts from venues could say anything, so a value that
 * is not of its kind is not passed on: it becomes null (unknown) or WITHHELD, and fields that no schema
 * names are dropped.
 */
const WITHHELD = "WITHHELD";

/** A decimal as text. */
export const decimal = z
  .string()
  .max(80)
  .regex(/^-?\d+(\.\d+)?$/)
  .nullable()
  .catch(null);

export const count = z.number().int().nullable().catch(null);
export const yesNo = z.boolean().nullable().catch(null);

/** "2026-01-31" */
export const day = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d$/)
  .nullable()
  .catch(null);

/** ISO 8601 in UTC. */
export const time = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/)
  .nullable()
  .catch(null);

export const asset = z.string().refine(isPlainAsset).nullable().catch(WITHHELD);

export const instrument = z.string().refine(isPlainSymbol).catch(WITHHELD);

/** As settings and drivers name venues. */
export const venue = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,23}$/)
  .catch(WITHHELD);

/** "H-x7k2mq4p": made by code, one letter a kind. */
export const id = z
  .string()
  .regex(/^[A-Z]-[A-Za-z0-9-]{1,24}$/)
  .nullable()
  .catch(WITHHELD);

/** One of the words of a closed list. */
export function word(words: readonly string[]) {
  return z
    .string()
    .refine((text) => words.includes(text))
    .catch(WITHHELD);
}

/** As `word`, where there may be none. */
export function wordOrNull(words: readonly string[]) {
  return z
    .string()
    .refine((text) => words.includes(text))
    .nullable()
    .catch(WITHHELD);
}

export const phase = word(["opening", "open", "unwinding", "closing", "closed", "review"]);
const side = word(["long", "short"]);
export const market = word(["perp", "spot"]);

export const leg = z.object({
  ...{ venue, instrument, side, sizeBase: decimal },
  ...{ entryPrice: decimal, markPrice: decimal, liquidationPrice: decimal },
});

export const hedge = {
  ...{ id, proposalId: id, asset, phase, legs: z.array(leg), driftRatio: decimal },
  ...{ notionalUsd: decimal, fundingUsd: decimal, fundingEstimateUsd: decimal, feesUsd: decimal },
  ...{ pnlUsd: decimal, openedAt: time, closedAt: time },
};

const PASSED_OVER = ["NO_SECOND_VENUE", "NOT_AMONG_BEST", "VENUE_SILENT"];
export const NOT_WORTHWHILE = [...OPPORTUNITY_REASONS, ...PASSED_OVER];
export const FIGURE_UNITS = ["usd", "rate", "rate8h", "apr", "days"];
export const REFUSED_RATE = [
  ...["INTERVAL_UNKNOWN", "RATE_IMPLAUSIBLE", "INSTRUMENT_UNKNOWN", "NAME_NOT_PLAIN"],
  "VENUE_SILENT",
];

// Hints and reasons are sentences of ours; the figures and names in them are checked where they are made.
const sentence = z.string().max(300);

/** What a model hears when it asked for a proposal. */
export const proposalWords = z.union([
  z.object({
    ...{ status: z.literal("awaiting_owner"), proposalId: id, asset },
    ...{ kind: word(["open", "close"]), hint: sentence },
  }),
  z.object({
    status: z.literal("denied"),
    codes: z.array(word(DENIAL_CODES)),
    reasons: z.array(sentence),
    hint: sentence,
  }),
  z.object({
    status: z.literal("unavailable"),
    reason: word(UNAVAILABLE_REASONS),
    hint: sentence,
  }),
]);
