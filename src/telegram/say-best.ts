import type { Pipeline } from "#src/pipeline/contract.ts";
import { formatClock } from "#src/reports/format.ts";
import type { OpportunitiesView } from "#src/reports/views.ts";
import { bestReply } from "./replies/replies.ts";
import type { RichText } from "./rich-text.ts";

type Asked = Pick<Pipeline, "opportunities" | "facts" | "explain">;

/** What pays best, and what the mandate makes of it. */
export async function sayBest(pipeline: Asked): Promise<RichText> {
  const view = await pipeline.opportunities();
  return bestReply(view, mandateWaits(pipeline, view));
}

/** Null unless a mandate is armed and the last word on the best was to wait for its minutes. */
function mandateWaits(pipeline: Asked, { opportunities, asOf }: OpportunitiesView): string | null {
  const top = opportunities.find((one) => one.worthwhile);
  if (!top || !pipeline.facts().mandate) return null;
  const last = pipeline.explain(top.asset).find(({ kind }) => kind === "open");
  if (last?.outcome !== "WAITS_FOR_WINDOW") return null;
  // Written down every few hours: the payment of then may have passed.
  const paymentAt = last.detail["paymentAt"];
  const isAhead = typeof paymentAt === "string" && paymentAt > asOf;
  return `The mandate waits for the minutes before the payment${isAhead ? ` at ${formatClock(paymentAt)}` : ""} to open it`;
}
