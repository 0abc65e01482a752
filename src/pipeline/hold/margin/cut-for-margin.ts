import { type Decimal, ZERO } from "#src/core/decimal.ts";
import { isNews } from "#src/execution/alert-owner.ts";
import { type CutResult, cutHedge } from "#src/execution/cut-hedge.ts";
import { postFills } from "#src/ledger/post-entry.ts";
import type { PipelineContext } from "#src/pipeline/context.ts";
import { tellOwner } from "#src/pipeline/propose/ask-owner.ts";
import { runClosing, updateCard } from "#src/pipeline/run-execution.ts";
import { formatExact, formatPercent } from "#src/reports/format.ts";
import type { JudgedHedge } from "./read-margins.ts";
import { describeLeg } from "./tell-margin.ts";

/** What could not be cut is said again after this long. */
const SAY_AGAIN_MS = 15 * 60_000;

/** Cuts both legs, books it, and says what came of it; what is too small to be cut is closed. */
export async function cutForMargin(
  context: PipelineContext,
  judged: JudgedHedge,
  share: Decimal,
): Promise<void> {
  const { store, execution, log } = context;
  const { hedge } = judged;
  try {
    const wish = { hedgeId: hedge.id, version: hedge.version, share };
    const result = await cutHedge(execution, wish);
    log.info("cutFinished", { hedgeId: hedge.id, kind: result.kind, share: share.toFixed(4) });
    store.transaction(() => {
      postFills(store);
      updateCard(context, hedge.proposalId);
      if (result.kind !== "tooSmall") tellResult(context, judged, share, result);
    });
    if (result.kind === "tooSmall") await closeInstead(context, judged);
  } catch (error) {
    // What was sent is on disk, and the watch makes the legs equal.
    log.error("cutFailed", { hedgeId: hedge.id, error });
  }
}

async function closeInstead(context: PipelineContext, { hedge, legs }: JudgedHedge): Promise<void> {
  const outcome = await runClosing(context, hedge, null);
  const [worst] = legs;
  const ends =
    outcome === "closed" ? "Both legs are flat." : "It is tried again every few seconds.";
  tellOwner(
    context,
    "critical",
    `${hedge.asset} ${hedge.id} is closed instead of cut, since what would stay is too small for an order of its own. ${worst ? `${describeLeg(worst)}. ` : ""}${ends}`,
  );
}

function tellResult(
  context: PipelineContext,
  { hedge, legs: [worst] }: JudgedHedge,
  share: Decimal,
  result: CutResult,
): void {
  const name = `${hedge.asset} ${hedge.id}`;
  const why = worst ? ` ${describeLeg(worst)} before.` : "";
  if (result.kind === "cut" && result.cutBase.gt(ZERO)) {
    const left = result.hedge.legs[0].heldBase;
    const now = left.eq(ZERO) ? "Nothing is left of it" : `${formatExact(left)} is left on each`;
    tellOwner(
      context,
      "warning",
      `${name}: both legs were cut by ${formatExact(result.cutBase)}.${why} ${now}; it is judged again within a minute.`,
    );
    return;
  }
  const problem = whyNot(result);
  if (problem === null || !isNews(context.execution, `notCut:${hedge.id}`, SAY_AGAIN_MS)) return;
  const venue = worst?.reading.leg.venue ?? "the venue";
  tellOwner(
    context,
    "critical",
    `${name} should be cut by ${formatPercent(share, 0)}, and ${problem}.${why.replace(" before.", ".")} It is tried again every minute; collateral on ${venue} gives it time; /kill closes everything.`,
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
