import { z } from "zod";
import { canonicalJson } from "#src/core/canonical-hash.ts";
import { dec } from "#src/core/decimal.ts";
import {
  CLOSE_SLOTS,
  DECISION_GATES,
  DECISION_RISKS,
  type DecisionGate,
  type DecisionTable,
  OPEN_SLOTS,
  SLOTS,
} from "#src/core/decision.ts";
import { notionalUsd, rate, usd } from "#src/core/units.ts";
import { VOTE_FAILURES, type Vote } from "#src/ports/advisor.ts";
import type { DecisionResult } from "#src/ports/decision-store.ts";

const decimal = z.string().transform((text) => dec(text));
const rateText = z.string().transform((text) => rate(text));
const money = z.string().transform((text) => usd(text));
const notional = z.string().transform((text) => notionalUsd(text));

const evidence = z.object({
  rsi14: decimal.nullable(),
  macdHistogram: decimal.nullable(),
  emaGap: decimal.nullable(),
  openInterestUsd: notional.nullable(),
  persistence: decimal.nullable(),
  spread8hByDay: z.array(rateText),
});

const openRow = z.object({
  slot: z.enum(OPEN_SLOTS),
  opportunityId: z.string(),
  asset: z.string(),
  shortVenue: z.string(),
  shortSymbol: z.string(),
  longVenue: z.string(),
  longSymbol: z.string(),
  spread8h: rateText,
  trailingSpread8h: rateText.nullable(),
  costRate: rateText,
  netAprOnCapital: decimal.nullable(),
  breakEvenHours: decimal.nullable(),
  depthUsd: notional.nullable(),
  basis: decimal.nullable(),
  minutesToFunding: z.number(),
  evidence,
});

const closeRow = z.object({
  slot: z.enum(CLOSE_SLOTS),
  hedgeId: z.string(),
  asset: z.string(),
  shortVenue: z.string(),
  longVenue: z.string(),
  ageHours: decimal,
  openedAtSpread8h: rateText.nullable(),
  spread8h: rateText.nullable(),
  trailingSpread8h: rateText.nullable(),
  fundingUsd: money,
  feesUsd: money,
  pnlUsd: money.nullable(),
  hasTurned: z.boolean(),
});

const table = z.object({
  at: z.number(),
  opens: z.array(openRow),
  closes: z.array(closeRow),
  mostUsd: notional,
  record: z.array(
    z.object({
      horizonHours: z.number(),
      count: z.number(),
      hitShare: decimal.nullable(),
      meanNetRate: rateText.nullable(),
    }),
  ),
});

const votes = z.array(
  z.object({
    model: z.string(),
    raw: z.string().nullable(),
    failure: z.enum(VOTE_FAILURES).nullable(),
    choice: z.enum(SLOTS).nullable(),
    confidence: decimal.nullable(),
    reasoning: z.string().nullable(),
    risks: z.array(z.enum(DECISION_RISKS)),
    elapsedMs: z.number(),
  }),
);

const results = z.array(
  z.object({
    kind: z.enum(["proposed", "closeProposed", "opening", "denied", "unavailable"]),
    ref: z.string(),
  }),
);

export function encodeDecisionPart(
  value: DecisionTable | readonly Vote[] | readonly DecisionGate[] | readonly DecisionResult[],
): string {
  return canonicalJson(value);
}

export function decodeTable(json: string): DecisionTable {
  return table.parse(JSON.parse(json));
}

export function decodeVotes(json: string): readonly Vote[] {
  return votes.parse(JSON.parse(json));
}

export function decodeGates(json: string): readonly DecisionGate[] {
  return z.array(z.enum(DECISION_GATES)).parse(JSON.parse(json));
}

export function decodeResults(json: string): readonly DecisionResult[] {
  return results.parse(JSON.parse(json));
}
