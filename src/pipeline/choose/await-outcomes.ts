import type { DecisionTable } from "#src/core/decision.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import type { PipelineContext } from "#src/pipeline/context.ts";

/** After so long (market time) a choice is measured. */
export const HORIZONS_HOURS = [8, 24, 72] as const;

/** Notes when a choice is to be measured; nothing to choose from has no outcome. Inside a transaction. */
export function awaitOutcomes(
  { store }: PipelineContext,
  decisionId: string,
  { at, opens, closes }: DecisionTable,
): void {
  if (opens.length === 0 && closes.length === 0) return;
  for (const hours of HORIZONS_HOURS) store.expectOutcome(decisionId, hours, at + hours * HOUR_MS);
}
