import { z } from "zod";
import { denialSentence, isDenial } from "#src/core/words/plain-words.ts";
import type { Pipeline } from "#src/pipeline/contract.ts";
import { formatClock } from "#src/reports/format.ts";
import type { DecisionView } from "#src/reports/views.ts";
import { bestReply } from "./replies/best-reply.ts";
import type { RichText } from "./rich-text.ts";

const deniedSchema = z.array(
  z.object({ code: z.string(), context: z.record(z.string(), z.string()) }),
);

type Asked = Pick<Pipeline, "opportunities" | "facts" | "explain" | "rules">;

/** What pays best, what of it is open already, and what the mandate makes of the rest. */
export async function sayBest(pipeline: Asked): Promise<RichText> {
  const view = await pipeline.opportunities();
  const { hedges, mandate, tradingState } = pipeline.facts();
  const held = new Set(hedges.map(({ asset }) => asset));
  const top = view.opportunities.find((one) => one.worthwhile && !held.has(one.asset));
  const waits = top && mandate ? mandateWaits(pipeline, top.asset, view.asOf) : null;
  const lookback = pipeline.rules().find(({ setting }) => setting === "entry.lookbackDays");
  return bestReply(view, {
    ...{ held, waits, isActive: tradingState === "active" },
    lookbackDays: lookback?.value ?? "?",
  });
}

/** Null unless the armed mandate waits for the asset's minutes or has no room for it now. */
function mandateWaits(
  pipeline: Pick<Asked, "explain">,
  asset: string,
  asOf: string,
): string | null {
  const last = pipeline.explain(asset).find(({ kind }) => kind === "open");
  const full = last && last.at >= asOf ? heldBack(last.detail) : null;
  if (full) return `The mandate does not open it: ${full}`;
  if (last?.outcome !== "WAITS_FOR_WINDOW") return null;
  // Written down every few hours: the payment of then may have passed.
  const paymentAt = last.detail["paymentAt"];
  const isAhead = typeof paymentAt === "string" && paymentAt > asOf;
  return `The mandate waits for the minutes before the payment${isAhead ? ` at ${formatClock(paymentAt)}` : ""} to open it`;
}

/** In the guard's words, what a look at this moment says; null when nothing is against it. */
function heldBack({ denials }: DecisionView["detail"]): string | null {
  const [first] = deniedSchema.safeParse(denials).data ?? [];
  return first && isDenial(first) ? denialSentence(first) : null;
}
