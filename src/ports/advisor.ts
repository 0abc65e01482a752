import type { Decimal } from "#src/core/decimal.ts";
import type { DecisionRisk, DecisionTable, Slot } from "#src/core/decision.ts";
import { MODEL_FAILURES } from "./language-model.ts";

/** Why a vote does not count: the model did not answer, or not in the one form that is read. */
export const VOTE_FAILURES = [
  ...MODEL_FAILURES,
  ...(["notJson", "wrongShape", "slotNotOffered", "cut"] as const),
] as const;

export type VoteFailure = (typeof VOTE_FAILURES)[number];

/** What one model said; without a choice it is a vote for HOLD. */
export interface Vote {
  readonly model: string;
  /** As it came, for the record; null when nothing came. */
  readonly raw: string | null;
  readonly failure: VoteFailure | null;
  readonly choice: Slot | null;
  /** 0 to 1. */
  readonly confidence: Decimal | null;
  /** At most 600 characters; shown to the owner, never to a model. */
  readonly reasoning: string | null;
  readonly risks: readonly DecisionRisk[];
  readonly elapsedMs: number;
}

/** Models that pick from what code offers. */
export interface Advisor {
  /** Who is asked, in the order of the votes. */
  readonly models: readonly string[];
  /** Hash of the frozen instructions and of the schema. */
  readonly promptHash: string;
  /** One vote a model, failures included. Never throws. */
  ask(
    table: DecisionTable,
    options: { readonly decisionId: string; readonly signal: AbortSignal },
  ): Promise<readonly Vote[]>;
}
