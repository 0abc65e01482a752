import type { PipelineContext } from "#src/pipeline/context.ts";
import { noteCloseShown } from "#src/pipeline/hold/carry/leave-turned.ts";
import { openWithin } from "#src/pipeline/propose/open-within.ts";
import { proposeBest } from "#src/pipeline/propose/propose-best.ts";
import { proposeClose } from "#src/pipeline/propose/propose-close.ts";
import type { Decided } from "./decide-with-models.ts";
import { noteFor } from "./note-result.ts";

/** Opens within the mandate, or shows a card. What a model wants closed is never more than a card. */
export async function actOnDecision(context: PipelineContext, decided: Decided): Promise<void> {
  const { store } = context;
  const { decisionId, close, opens, aloneUnder } = decided;
  const note = noteFor(context, decisionId, { comment: decided.by === "models" });
  if (close) {
    const answer = await proposeClose(context, close.hedgeId, "scan", (proposal) => {
      noteCloseShown(context, close.hedgeId);
      note({ kind: "closeProposed", ref: proposal.id });
    });
    if (answer.kind === "unavailable") {
      store.transaction(() => note({ kind: "unavailable", ref: answer.reason }));
    }
    return;
  }
  // The mandate as it is now: it may have ended while the models were asked.
  const mandate = store.armedMandate();
  if (mandate && mandate.id === aloneUnder) await openWithin(context, mandate, opens, note);
  else await proposeBest(context, opens, note);
}
