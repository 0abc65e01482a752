import type { Clock } from "#src/ports/clock.ts";
import { ModelError, type ModelFailure } from "#src/ports/language-model.ts";
import type { Store } from "#src/ports/store.ts";

/** How a turn ended before it had an answer. */
export type EndCause =
  | { readonly kind: "error"; readonly error: unknown }
  | { readonly kind: "tooLong" | "stopped" | "killed" | "interrupted" };

/** Not "nothing was traded": a mandate or /kill may trade meanwhile. */
const NOT_TRADED = "This question traded nothing.";
const COMMANDS = "Commands work without a model: /best, /hedges, /status, /kill.";

/** What happened, and what to do next. */
const FAILURES: Readonly<Record<ModelFailure, readonly [string, string]>> = {
  rateLimited: ["The language model asks us to slow down", "Ask again in a minute."],
  overloaded: ["The language model is overloaded", "Ask again in a few minutes."],
  unauthorised: [
    "The language model refuses the key",
    "Check the key and the model's name; `bun run doctor` says how.",
  ],
  quota: ["The account of the language model has no credit left", "Top it up, then ask again."],
  badRequest: [
    "The language model did not take the question",
    "Its name in the settings may be wrong: `bun run doctor` tells. If it is right, ask in other words.",
  ],
  network: ["The language model cannot be reached", "Ask again when the network is back."],
  timeout: ["The language model took too long", "Ask again, or ask something smaller."],
  aborted: ["The request to the language model was cut off", "Ask again."],
  protocol: ["The language model answered something unreadable", "Ask again."],
  overBudget: [
    "The budget for the language model is used up, for this question or for today",
    "/cost shows it; the settings set it.",
  ],
};

/** One plain answer: what happened, what is true now, what to do next. Never somebody else's words. */
export function explainEnd(
  parts: { readonly store: Store; readonly clock: Pick<Clock, "wallNow"> },
  turnId: string,
  cause: EndCause,
  hadBegun = true,
): string {
  if (!hadBegun) return wordsForWaiting(cause);
  const [what, next] = wordsFor(cause);
  return [what, truthNow(parts, turnId), next].filter((part) => part !== "").join(" ");
}

function wordsFor(cause: EndCause): readonly [string, string] {
  switch (cause.kind) {
    case "error": {
      const known = cause.error instanceof ModelError ? FAILURES[cause.error.failure] : null;
      const [what, next] = known ?? ["Something broke while I worked on that", "Ask again."];
      return [`${what}.`, `${next} ${COMMANDS}`];
    }
    case "tooLong":
      return [
        "That took longer than I may take for one question, so I ended it.",
        `Ask something smaller. ${COMMANDS}`,
      ];
    case "stopped":
      return ["Stopped.", ""];
    case "killed":
      return ["Stopped, because /kill came first.", "Ask again when it is done."];
    case "interrupted":
      return [
        "I was interrupted by a restart before I could answer, and nothing of that question runs again.",
        "Ask again.",
      ];
  }
}

/** Of the question behind another one: two messages that say the same look like a mistake. */
function wordsForWaiting({ kind }: EndCause): string {
  if (kind === "interrupted") {
    return "The question that waited was never begun, and will not be. Ask it again.";
  }
  const when = kind === "killed" ? " when /kill is done" : "";
  return `The question that waited is dropped too. Ask it again${when}.`;
}

/** A turn never trades; what it may have left behind is a card. */
function truthNow(
  { store, clock }: { readonly store: Store; readonly clock: Pick<Clock, "wallNow"> },
  turnId: string,
): string {
  const asked = store.callsOf(turnId).filter(({ name }) => name.startsWith("propose_"));
  if (asked.length === 0) return NOT_TRADED;
  const waiting = asked.flatMap(({ resultJson }) => {
    const stored = store.getProposal(proposalIdIn(resultJson) ?? "");
    const waits = stored?.state === "awaiting" && stored.proposal.expiresAt > clock.wallNow();
    return stored && waits ? [`${stored.proposal.id} (${stored.proposal.kind})`] : [];
  });
  const unknown = asked.some(({ returnedAt }) => returnedAt === null);
  return [
    NOT_TRADED,
    waiting.length > 0 ? `A card still waits for your tap: ${waiting.join(", ")}.` : "",
    unknown ? "A card that I had asked for may still come; without your tap it does nothing." : "",
  ]
    .filter((part) => part !== "")
    .join(" ");
}

function proposalIdIn(resultJson: string | null): string | null {
  try {
    const result: unknown = JSON.parse(resultJson ?? "null");
    const id = new Map(Object.entries(Object(result))).get("proposalId");
    return typeof id === "string" ? id : null;
  } catch {
    return null;
  }
}
