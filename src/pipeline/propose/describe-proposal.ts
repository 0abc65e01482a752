import { denialSentence, unavailableSentence } from "#src/core/words/plain-words.ts";
import type { ProposeResult } from "#src/pipeline/contract.ts";

/** What a model may know of a proposal: its id and why not, never what approves it. */
export function describeProposal(result: ProposeResult): Readonly<Record<string, unknown>> {
  switch (result.kind) {
    case "proposed":
    case "alreadyWaiting":
      return {
        status: "awaiting_owner",
        proposalId: result.proposal.id,
        asset: result.proposal.asset,
        kind: result.proposal.kind,
        hint: "A card waits for the owner's tap. Nothing has been traded.",
      };
    case "denied":
      return {
        status: "denied",
        codes: result.denials.map((one) => one.code),
        reasons: result.denials.map(denialSentence),
        hint: "The guard's answer is final for now. Do not try another way.",
      };
    case "unavailable":
      return {
        status: "unavailable",
        reason: result.reason,
        hint: unavailableWords(result),
      };
  }
}

/** Why there is no card, and whether asking again soon helps. */
export function unavailableWords({
  reason,
  boundBy,
  justOpened,
}: Extract<ProposeResult, { kind: "unavailable" }>): string {
  const soon = justOpened ? " Something was just opened: ask again in half a minute." : "";
  return `${unavailableSentence(reason, boundBy)}${soon}`;
}
