import { ownerOf, type PipelineContext } from "#src/pipeline/context.ts";
import type { Admitted } from "#src/pipeline/propose/admit-open.ts";
import type { PlannedOpen } from "#src/pipeline/propose/propose-open.ts";
import type { DecisionResult } from "#src/ports/decision-store.ts";

/** Writes down what a decision started, beside what it started. Inside a transaction. */
export type Note = (result: DecisionResult) => void;

/** What begins with a model's choice has that model's words beside it, never in its card. */
export function noteFor(
  { store }: PipelineContext,
  decisionId: string | null,
  { comment }: { readonly comment: boolean },
): Note {
  return (result) => {
    const decision = decisionId === null ? null : store.getScanDecision(decisionId);
    if (!decision) return;
    const known = decision.results.some(
      (one) => one.kind === result.kind && one.ref === result.ref,
    );
    if (!known) store.addDecisionResult(decision.id, result);
    const owner = ownerOf(store);
    const began = result.kind !== "denied" && result.kind !== "unavailable";
    if (!comment || !began || !owner) return;
    const content = { type: "modelComment", decisionId: decision.id } as const;
    store.enqueue({ severity: "info", chatId: owner.chatId, content });
  };
}

/** Why nothing was begun. */
export function noteNot(
  { store }: PipelineContext,
  answer: PlannedOpen | Admitted,
  note: Note,
): void {
  if (answer.kind === "planned" && !answer.proposal.worthwhile) {
    store.transaction(() => note({ kind: "unavailable", ref: "NOT_WORTHWHILE_AT_SIZE" }));
  } else if (answer.kind === "denied") {
    const ref = answer.denials.map((denial) => denial.code).join(" ");
    store.transaction(() => note({ kind: "denied", ref }));
  } else if (answer.kind === "unavailable") {
    store.transaction(() => note({ kind: "unavailable", ref: answer.reason }));
  }
}
