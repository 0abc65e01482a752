import { type Decimal, ZERO } from "#src/core/decimal.ts";
import type { Hedge } from "#src/core/hedge.ts";
import { isNews } from "#src/execution/alert-owner.ts";
import { type CutResult, cutHedge } from "#src/execution/cut-hedge.ts";
import { postFills } from "#src/ledger/post-entry.ts";
import type { PipelineContext } from "#src/pipeline/context.ts";
import { tellOwner } from "#src/pipeline/propose/ask-owner.ts";
import { updateCard } from "#src/pipeline/run-execution.ts";
import { formatExact, formatPercent } from "#src/reports/format.ts";

/** What could not be cut is said again after this long. */
const SAY_AGAIN_MS = 15 * 60_000;

export interface WantedCut {
  /** As it was judged. */
  readonly hedge: Hedge;
  readonly share: Decimal;
  /** How it stood, without a full stop. */
  readonly why: string;
  /** What comes after a cut, and what the owner may do where none comes about. */
  readonly next: string;
  readonly help: string;
}

/** Cuts both legs, books it, and says what came of it, except of what is too small to be cut; null: it broke. */
export async function cutAndTell(
  context: PipelineContext,
  wanted: WantedCut,
): Promise<CutResult | null> {
  const { store, execution, log } = context;
  const { hedge, share } = wanted;
  try {
    const wish = { hedgeId: hedge.id, version: hedge.version, share };
    const result = await cutHedge(execution, wish);
    log.info("cutFinished", { hedgeId: hedge.id, kind: result.kind, share: share.toFixed(4) });
    store.transaction(() => {
      postFills(store);
      updateCard(context, hedge.proposalId);
      tellResult(context, wanted, result);
    });
    return result;
  } catch (error) {
    // What was sent is on disk, and the watch makes the legs equal.
    log.error("cutFailed", { hedgeId: hedge.id, error });
    return null;
  }
}

function tellResult(
  context: PipelineContext,
  { hedge, share, why, next, help }: WantedCut,
  result: CutResult,
): void {
  const name = `${hedge.asset} ${hedge.id}`;
  if (result.kind === "cut" && result.cutBase.gt(ZERO)) {
    const left = result.hedge.legs[0].heldBase;
    const now = left.eq(ZERO) ? "Nothing is left of it" : `${formatExact(left)} is left on each`;
    const cut = formatExact(result.cutBase);
    const text = `${name}: both legs were cut by ${cut}. ${why} before. ${now}; ${next}.`;
    tellOwner(context, "warning", text);
    return;
  }
  const problem = whyNot(result);
  if (problem === null || !isNews(context.execution, `notCut:${hedge.id}`, SAY_AGAIN_MS)) return;
  tellOwner(
    context,
    "critical",
    `${name} should be cut by ${formatPercent(share, 0)}, and ${problem}. ${why}. It is tried again every minute; ${help}; /kill closes everything.`,
  );
}

function whyNot(result: CutResult): string | null {
  switch (result.kind) {
    case "cut":
      return "nothing was filled";
    case "silent":
      return "a venue of it does not answer or takes no orders, so neither leg was touched";
    case "unfinished":
      return "the legs are not equal yet";
    default:
      return null;
  }
}
