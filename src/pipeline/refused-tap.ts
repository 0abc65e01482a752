import type { TapRefusal } from "#src/approvals/consume-approval.ts";
import type { PipelineContext } from "./context.ts";
import type { TapResult } from "./contract.ts";

const DONE = Promise.resolve();

/** What the owner reads when a tap does nothing: what became of its card, and what to do next. */
export function refusedTap(context: Pick<PipelineContext, "store">, why: TapRefusal): TapResult {
  const halted = context.store.tradingState() !== "active";
  switch (why) {
    case "expired":
      return { kind: "expired", answer: "This card has expired. Ask again.", done: DONE };
    case "withdrawn":
      return {
        kind: "withdrawn",
        answer: halted
          ? "Not valid any more: trading is halted."
          : "This card was withdrawn. Nothing was done by it; ask again.",
        done: DONE,
      };
    case "alreadyUsed":
    case "declined":
      return {
        kind: "alreadyUsed",
        answer:
          why === "declined"
            ? "You declined this card. Ask again."
            : "Already done. Nothing changed.",
        done: DONE,
      };
    case "notOwner":
      return { kind: "unknown", answer: "", done: DONE };
    case "unknown":
      return { kind: "unknown", answer: "This button is not valid any more.", done: DONE };
  }
}
