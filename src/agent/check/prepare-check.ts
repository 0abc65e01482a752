import type { TurnParts } from "#src/agent/run-turn.ts";
import type { HedgePhase } from "#src/core/hedge.ts";
import type { Turn } from "#src/ports/store.ts";
import { checkAnswer } from "./check-answer.ts";
import type { Facts } from "./state-facts.ts";

const HELD: readonly HedgePhase[] = ["open", "closing", "review"];

/** Looks at the world before a turn, so that its answer can be held against what happened meanwhile. */
export function prepareCheck(
  parts: TurnParts,
  turn: Turn,
): (answer: string, factsTold: string) => string {
  const before = factsNow(parts);
  return (answer, facts) => {
    const after = factsNow(parts);
    const calls = parts.store.callsOf(turn.id);
    return checkAnswer({
      ...{ answer, facts, question: turn.question },
      results: calls.flatMap(({ resultJson }) => resultJson ?? []),
      executedSince: tradesIn(before) !== tradesIn(after),
      openAssets: (after?.hedges ?? [])
        .filter(({ phase }) => HELD.includes(phase))
        .map(({ asset }) => asset),
    });
  };
}

/** What a fill or a tap changes, and nothing else does. */
function tradesIn(facts: Facts | null): string {
  return JSON.stringify([facts?.hedges, facts?.executions, facts?.mandate]);
}

function factsNow({ toolContext }: TurnParts): Facts | null {
  try {
    return toolContext.pipeline.facts();
  } catch {
    return null;
  }
}
