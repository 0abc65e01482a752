import type { PipelineContext } from "#src/pipeline/context.ts";
import type { ScanDecision } from "#src/ports/decision-store.ts";
import {
  type ChoiceDetail,
  type ChoiceView,
  choiceDetail,
  choiceView,
} from "#src/reports/choice-view.ts";

const SHOWN = 10;

/** What scans chose, newest first. */
export function decisions(
  context: PipelineContext,
  of: { readonly asset?: string | null; readonly limit?: number } = {},
): readonly ChoiceView[] {
  const { store } = context;
  const asset = of.asset?.trim().toUpperCase();
  return store
    .listScanDecisions({ limit: of.limit ?? SHOWN, ...(asset ? { asset } : {}) })
    .map((one) => choiceView(one, store.outcomesOf(one.id), costOf(context, one)));
}

export function decision(context: PipelineContext, id: string): ChoiceDetail | null {
  const { store } = context;
  const wanted = `S-${id.trim().toLowerCase().replace(/^s-/, "")}`;
  const found = store.getScanDecision(wanted);
  const assetOf = (ref: string) =>
    (store.getHedge(ref) ?? store.getProposal(ref)?.proposal)?.asset ?? null;
  if (!found) return null;
  const detail = choiceDetail(found, store.outcomesOf(found.id), costOf(context, found), assetOf);
  return { ...detail, unsureBelow: context.settings.minConfidence.toFixed() };
}

function costOf({ store }: PipelineContext, { id }: ScanDecision): number {
  return store.spentMicroUsd({ subjectId: id });
}
