import { canonicalHash } from "#src/core/canonical-hash.ts";
import { openRowOf } from "#src/core/decision.ts";
import type { Opportunity } from "#src/core/opportunity.ts";
import { assignSlots } from "#src/core/rules/assign-slots.ts";
import type { PipelineContext } from "#src/pipeline/context.ts";
import type { ScanDecision } from "#src/ports/decision-store.ts";
import { awaitOutcomes } from "./await-outcomes.ts";
import { plainCandidate } from "./build-decision-table.ts";
import { REPEAT_AFTER_MS } from "./record-verdicts.ts";

/** Of what the rules had to choose from, so many are written down. */
const ROWS_KEPT = 3;

/**
 * The best that may be opened, or HOLD. Written down only when it differs from what was written last, or
 * that is old: a scan every few minutes would fill the disk with one sentence. Null: nothing to say.
 */
export function decideByRules(
  context: PipelineContext,
  allowed: readonly Opportunity[],
): string | null {
  const { store, clock, ids, limits } = context;
  const at = clock.marketNow();
  const [last] = store.listScanDecisions({ limit: 1 });
  const kept = allowed.slice(0, ROWS_KEPT).map((one) => plainCandidate(context, one));
  const places = assignSlots(kept, []);
  const best = allowed[0]?.id;
  const choice = places.opens.find((row) => row.opportunityId === best)?.slot ?? "HOLD";
  const table = { at, ...places, mostUsd: limits.hardCapUsd, record: [] };
  if (choice === "HOLD" && (!last || last.choice === "HOLD")) return null;
  const repeats = last?.decidedBy === "rules" && pairOf(last) === pairOf({ table, choice });
  if (repeats && at - last.at < REPEAT_AFTER_MS) return last.id;

  const id = ids.next("S");
  store.transaction(() => {
    store.insertScanDecision({
      ...{ id, at, table, choice, policyChoice: choice, decidedBy: "rules", promptHash: null },
      ...{ votes: [], gates: [], results: [], tableHash: canonicalHash(table) },
    });
    awaitOutcomes(context, id, table);
  });
  return id;
}

function pairOf({ table, choice }: Pick<ScanDecision, "table" | "choice">): string {
  const row = openRowOf(table, choice);
  return row ? `${row.asset}:${row.shortVenue}:${row.longVenue}` : (choice ?? "none");
}
