import type { DecisionGate, Slot } from "#src/core/decision.ts";
import type { Vote } from "#src/ports/advisor.ts";

export interface GatedVotes {
  readonly choice: Slot;
  /** How many models gave a vote that counts. */
  readonly valid: number;
  readonly gates: readonly DecisionGate[];
}

/** Several models must agree on a slot before it is more than HOLD. */
const AGREEING = 2;

/**
 * One model: its vote. Several: the slot with the most votes, if two or more gave the same one and nothing
 * else, HOLD included, has as many. Who is silent, late or unclear votes HOLD and is counted. Pure.
 */
export function gateVotes(input: {
  readonly models: readonly string[];
  readonly votes: readonly Vote[];
  readonly offered: ReadonlySet<Slot>;
}): GatedVotes {
  const models = [...new Set(input.models)];
  const choices = models.map((model) => choiceOf(model, input));
  const valid = choices.filter((choice) => choice !== null).length;
  const missing: readonly DecisionGate[] = valid < input.models.length ? ["VOTE_MISSING"] : [];
  const spoken = input.votes.map((vote) => vote.model);
  const twice = models.some((model) => spoken.indexOf(model) !== spoken.lastIndexOf(model));
  if (valid === 0) return { choice: "HOLD", valid, gates: ["NO_VALID_VOTE"] };
  // More votes than voters: nobody can say which of them was meant.
  if (twice) return { choice: "HOLD", valid, gates: [...missing, "NO_QUORUM"] };
  if (input.models.length === 1) return { choice: choices[0] ?? "HOLD", valid, gates: missing };

  const counts = new Map<Slot, number>();
  for (const choice of choices) {
    counts.set(choice ?? "HOLD", (counts.get(choice ?? "HOLD") ?? 0) + 1);
  }
  const most = Math.max(...counts.values());
  const leaders = [...counts].filter(([, count]) => count === most).map(([slot]) => slot);
  const [leader = "HOLD"] = leaders;
  if (leaders.length === 1 && leader === "HOLD") return { choice: "HOLD", valid, gates: missing };
  if (most < AGREEING) return { choice: "HOLD", valid, gates: [...missing, "NO_QUORUM"] };
  if (leaders.length > 1) return { choice: "HOLD", valid, gates: [...missing, "TIE"] };
  return { choice: leader, valid, gates: missing };
}

/** Null when this model's vote does not count. */
function choiceOf(
  model: string,
  { votes, offered }: { readonly votes: readonly Vote[]; readonly offered: ReadonlySet<Slot> },
): Slot | null {
  const vote = votes.find((one) => one.model === model);
  if (!vote || vote.failure !== null || vote.choice === null) return null;
  return vote.choice === "HOLD" || offered.has(vote.choice) ? vote.choice : null;
}
