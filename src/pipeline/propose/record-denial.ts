import { z } from "zod";
import type { Denial } from "#src/core/denial.ts";
import { REPEAT_AFTER_MS } from "#src/pipeline/choose/record-verdicts.ts";
import type { PipelineContext } from "#src/pipeline/context.ts";

/** Why the guard said no, for whoever asks later. */
export function recordDenial(
  context: PipelineContext,
  asset: string,
  denials: readonly Denial[],
): void {
  const { store, clock, ids } = context;
  store.transaction(() =>
    store.insertDecision({
      id: ids.next("D"),
      at: clock.marketNow(),
      kind: "open",
      asset,
      outcome: "denied",
      detail: JSON.stringify({ denials }),
    }),
  );
}

/** Of scans: the same denial of an asset, one after the other, is written down again only every few hours. */
export function recordDenialOnce(
  context: PipelineContext,
  asset: string,
  denials: readonly Denial[],
): void {
  const { store, clock } = context;
  const last = store.listDecisions({ asset, limit: 5 }).find((one) => one.kind === "open");
  const isSame = last?.outcome === "denied" && codesIn(last.detail) === codesIn({ denials });
  if (isSame && clock.marketNow() - last.at < REPEAT_AFTER_MS) return;
  recordDenial(context, asset, denials);
}

const deniedDetail = z.object({ denials: z.array(z.object({ code: z.string() })) });

function codesIn(detail: unknown): string {
  const parsed = deniedDetail.safeParse(typeof detail === "string" ? JSON.parse(detail) : detail);
  return (parsed.data?.denials ?? []).map(({ code }) => code).join(" ");
}
