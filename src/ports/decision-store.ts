import type { DecisionGate, DecisionTable, Slot } from "#src/core/decision.ts";
import type { EpochMs, Rate, Usd } from "#src/core/units.ts";
import type { Vote } from "./advisor.ts";

/** What a decision started, or why it could not: a proposal, a hedge, denial codes, a reason. */
export interface DecisionResult {
  readonly kind: "proposed" | "closeProposed" | "opening" | "denied" | "unavailable";
  readonly ref: string;
}

/** What a scan chose, with everything that it was chosen from. */
export interface ScanDecision {
  readonly id: string;
  /** Market time. */
  readonly at: EpochMs;
  readonly table: DecisionTable;
  /** Of the table, exactly: the audit chain holds it. */
  readonly tableHash: string;
  /** Null when no model was asked. */
  readonly promptHash: string | null;
  /** What the rules would open; worked out before any model is asked. */
  readonly policyChoice: Slot;
  /** Null while models are asked, and for ever when the process ended meanwhile. */
  readonly choice: Slot | null;
  readonly decidedBy: "rules" | "models" | null;
  readonly votes: readonly Vote[];
  readonly gates: readonly DecisionGate[];
  readonly results: readonly DecisionResult[];
}

export type DecisionEnd = Pick<ScanDecision, "decidedBy" | "votes" | "gates"> & {
  readonly choice: Slot;
};

/** What a choice came to; a figure that nobody can know is null. */
export interface DecisionOutcome {
  readonly decisionId: string;
  readonly horizonHours: number;
  /** Market time. */
  readonly dueAt: EpochMs;
  readonly state: "waiting" | "known" | "unknown";
  /** Of what was chosen, as a fraction of one leg's notional, after its costs. */
  readonly netRate: Rate | null;
  /** Of what the rules would have chosen. */
  readonly policyNetRate: Rate | null;
  /** Of the hedge that came of it. */
  readonly pnlUsd: Usd | null;
}

export interface DecisionStore {
  insertScanDecision(decision: ScanDecision): void;
  /** Throws when it has ended already. */
  endScanDecision(id: string, end: DecisionEnd): void;
  addDecisionResult(id: string, result: DecisionResult): void;
  getScanDecision(id: string): ScanDecision | null;
  /** Newest first; of an asset: those that had it to choose from. */
  listScanDecisions(filter: {
    readonly asset?: string;
    readonly limit: number;
  }): readonly ScanDecision[];

  expectOutcome(decisionId: string, horizonHours: number, dueAt: EpochMs): void;
  /** Those that wait and are due by then, oldest first. */
  dueOutcomes(by: EpochMs): readonly DecisionOutcome[];
  /** False when it does not wait any more. */
  settleOutcome(outcome: DecisionOutcome): boolean;
  /** Shortest horizon first. */
  outcomesOf(decisionId: string): readonly DecisionOutcome[];
  /** Known net rates of choices to open, newest first. */
  openOutcomes(horizonHours: number, limit: number): readonly Rate[];
}
