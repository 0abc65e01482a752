import {
  closeRowOf,
  type DecisionGate,
  type DecisionRisk,
  type DecisionTable,
  openRowOf,
  type Slot,
} from "#src/core/decision.ts";
import { isoTime } from "#src/core/time.ts";
import type { VoteFailure } from "#src/ports/advisor.ts";
import type { DecisionOutcome, DecisionResult, ScanDecision } from "#src/ports/decision-store.ts";

/** One thing that could be chosen. */
export interface PickView {
  readonly action: "open" | "close" | "hold";
  readonly asset: string | null;
  readonly shortVenue: string | null;
  readonly longVenue: string | null;
}

/** What a scan chose: figures and closed words only, so that a model may read it. */
export interface ChoiceView {
  readonly id: string;
  readonly at: string;
  /** Null when it was cut short before anything was chosen. */
  readonly choice: PickView | null;
  readonly decidedBy: "rules" | "models" | null;
  /** What the rules would have opened. */
  readonly policy: PickView;
  readonly gates: readonly DecisionGate[];
  readonly votes: readonly {
    readonly model: string;
    readonly choice: PickView | null;
    readonly confidence: string | null;
    readonly failure: VoteFailure | null;
    readonly risks: readonly DecisionRisk[];
  }[];
  readonly results: readonly DecisionResult[];
  readonly outcomes: readonly {
    readonly horizonHours: number;
    readonly state: DecisionOutcome["state"];
    readonly netRate: string | null;
    readonly policyNetRate: string | null;
    readonly pnlUsd: string | null;
  }[];
  readonly costMicroUsd: number;
}

/** With the models' own words, for the owner alone. */
export interface ChoiceDetail extends ChoiceView {
  /** A vote with less confidence is shown as unsure. */
  readonly unsureBelow?: string;
  readonly results: readonly (DecisionResult & {
    /** Null where nothing came of it. */
    readonly asset: string | null;
  })[];
  /** Of what the outcomes measure: all four fills, once; null where that is not an opening. */
  readonly costRate: string | null;
  readonly promptHash: string | null;
  readonly offered: readonly {
    readonly slot: string;
    readonly asset: string;
    readonly shortVenue: string;
    readonly longVenue: string;
    readonly spread8h: string | null;
    readonly trailingSpread8h: string | null;
  }[];
  readonly comments: readonly {
    readonly model: string;
    /** It voted for what was chosen. */
    readonly won: boolean;
    readonly text: string;
  }[];
}

export function choiceView(
  decision: ScanDecision,
  outcomes: readonly DecisionOutcome[],
  costMicroUsd: number,
): ChoiceView {
  const { id, at, table, choice, policyChoice, decidedBy, gates, votes, results } = decision;
  return {
    ...{ id, at: isoTime(at), decidedBy, gates, results, costMicroUsd },
    choice: choice && pickOf(table, choice),
    policy: pickOf(table, policyChoice),
    votes: votes.map((vote) => ({
      model: vote.model,
      choice: vote.choice && pickOf(table, vote.choice),
      confidence: vote.confidence?.toFixed() ?? null,
      failure: vote.failure,
      risks: vote.risks,
    })),
    outcomes: outcomes.map(({ horizonHours, state, netRate, policyNetRate, pnlUsd }) => ({
      ...{ horizonHours, state },
      netRate: netRate?.toFixed() ?? null,
      policyNetRate: policyNetRate?.toFixed() ?? null,
      pnlUsd: pnlUsd?.toFixed() ?? null,
    })),
  };
}

export function choiceDetail(
  decision: ScanDecision,
  outcomes: readonly DecisionOutcome[],
  costMicroUsd: number,
  assetOf: (ref: string) => string | null,
): ChoiceDetail {
  const { table, votes, choice, promptHash, results } = decision;
  return {
    ...choiceView(decision, outcomes, costMicroUsd),
    promptHash,
    results: results.map((result) => ({ ...result, asset: assetOf(result.ref) })),
    costRate: openRowOf(table, measuredSlot(decision))?.costRate.toFixed() ?? null,
    offered: [...table.opens, ...table.closes].map((row) => ({
      ...{ slot: row.slot, asset: row.asset },
      ...{ shortVenue: row.shortVenue, longVenue: row.longVenue },
      spread8h: row.spread8h?.toFixed() ?? null,
      trailingSpread8h: row.trailingSpread8h?.toFixed() ?? null,
    })),
    comments: votes.flatMap(({ model, reasoning, choice: own }) =>
      reasoning ? [{ model, won: own === choice, text: reasoning }] : [],
    ),
  };
}

/** What HOLD came to is what it left: the best that was offered. */
export function measuredSlot({
  choice,
  policyChoice,
}: Pick<ScanDecision, "choice" | "policyChoice">): Slot {
  return choice === null || choice === "HOLD" ? policyChoice : choice;
}

function pickOf(table: DecisionTable, slot: Slot): PickView {
  const open = openRowOf(table, slot);
  const row = open ?? closeRowOf(table, slot);
  if (!row) return { action: "hold", asset: null, shortVenue: null, longVenue: null };
  const { asset, shortVenue, longVenue } = row;
  return { action: open ? "open" : "close", asset, shortVenue, longVenue };
}
