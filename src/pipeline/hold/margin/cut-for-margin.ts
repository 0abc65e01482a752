import type { Decimal } from "#src/core/decimal.ts";
import type { Hedge } from "#src/core/hedge.ts";
import type { PipelineContext } from "#src/pipeline/context.ts";
import { tellOwner } from "#src/pipeline/propose/ask-owner.ts";
import { runClosing } from "#src/pipeline/run-execution.ts";
import { cutAndTell } from "./cut-and-tell.ts";
import type { JudgedLeg } from "./read-margins.ts";
import { describeLeg } from "./tell-margin.ts";

/** Cuts both legs for the worse one of them; what is too small to be cut is closed. */
export async function cutForMargin(
  context: PipelineContext,
  hedge: Hedge,
  worst: JudgedLeg,
  share: Decimal,
): Promise<void> {
  const result = await cutAndTell(context, {
    ...{ hedge, share, why: describeLeg(worst) },
    next: "it is judged again within a minute",
    help: `collateral on ${worst.reading.leg.venue} gives it time`,
  });
  if (result?.kind === "tooSmall") await closeInstead(context, hedge, worst);
}

async function closeInstead(
  context: PipelineContext,
  hedge: Hedge,
  worst: JudgedLeg,
): Promise<void> {
  const outcome = await runClosing(context, hedge, null);
  const ends =
    outcome === "closed" ? "Both legs are flat." : "It is tried again every few seconds.";
  tellOwner(
    context,
    "critical",
    `${hedge.asset} ${hedge.id} is closed instead of cut, since what would stay is too small for an order of its own. ${describeLeg(worst)}. ${ends}`,
  );
}
