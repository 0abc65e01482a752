import { isSpotSymbol } from "#src/core/instrument.ts";
import type { OpenProposal } from "#src/core/proposal.ts";
import { isAtStamp } from "#src/core/rules/entry-window.ts";
import type { ExecutionContext } from "#src/execution/context.ts";

/** As long as it may take where market time runs fast; elsewhere what was judged must not grow old. */
const PATIENCE_MS = 10_000;
const POLL_MS = 250;

/** Waits a moment for a payment that is being made; false: it still is, and nothing may be begun. */
export async function passStamp(
  context: Pick<ExecutionContext, "clock">,
  legs: OpenProposal["legs"],
): Promise<boolean> {
  const { clock } = context;
  const untilMs = clock.elapsedMs() + PATIENCE_MS;
  while (isQuiet(context, legs)) {
    if (clock.elapsedMs() >= untilMs) return false;
    await clock.sleep(POLL_MS);
  }
  return true;
}

/** Is a leg settled about now (market time)? A fill of one would meet the payment, and its hedge would not. */
export function isQuiet(
  { clock }: Pick<ExecutionContext, "clock">,
  legs: OpenProposal["legs"],
): boolean {
  return isAtStamp(
    clock.marketNow(),
    legs.filter(({ symbol }) => !isSpotSymbol(symbol)),
  );
}
