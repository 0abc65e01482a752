import type { TurnParts } from "#src/agent/run-turn.ts";
import { describeError } from "#src/core/errors.ts";
import type { ToolContext } from "#tools/tool.ts";

export type Facts = ReturnType<ToolContext["pipeline"]["facts"]>;

/** What is true now, in code's words, so that a model need not guess it; from the database alone. */
export function stateFacts(parts: TurnParts, note: string | null): string | null {
  try {
    const lines = describeFacts(parts.toolContext.pipeline.facts());
    return [
      "[FACTS, written by code just now; newer than all above]",
      ...lines,
      ...(note ? [note] : []),
    ].join("\n");
  } catch (error) {
    parts.log.error("factsFailed", { error: describeError(error) });
    return note;
  }
}

function describeFacts(facts: Facts): readonly string[] {
  const { hedges, cards, executions, mandate } = facts;
  return [
    `market time ${facts.marketTime}; mode ${facts.mode}; trading ${facts.tradingState}; mandate ${mandate ? `armed until ${mandate.endsAt}` : "not armed"}`,
    `hedges: ${list(hedges, ({ id, asset, phase, legs }) => {
      const sides = legs.map((leg) => `${leg.side} ${leg.sizeBase} on ${name(leg.venue)}`);
      return `${id} ${name(asset)} ${phase}, ${sides.join(", ")}`;
    })}`,
    `cards that wait for the owner's tap: ${list(
      cards,
      ({ id, kind, asset, minutesLeft }) => `${id} ${kind} ${name(asset)}, ${minutesLeft} min left`,
    )}`,
    `last executions: ${list(
      executions,
      ({ at, did, hedgeId, asset }) => `${at} ${did} ${hedgeId} ${name(asset)}`,
    )}`,
    `language model: $${facts.modelBudgetLeftUsd} left today for the chat`,
  ];
}

function list<T>(items: readonly T[], describe: (item: T) => string): string {
  return items.length === 0 ? "none" : items.map(describe).join("; ");
}

/** Venues list what they like: a name that is not a plain one is not repeated. */
function name(text: string): string {
  return /^[A-Za-z0-9_.-]{1,24}$/.test(text) ? text : "(unreadable name)";
}
