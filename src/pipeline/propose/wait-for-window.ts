import type { Side } from "#src/core/hedge.ts";
import type { Opportunity, OpportunityLeg } from "#src/core/opportunity.ts";
import { judgeWindow, type StampedLeg } from "#src/core/rules/entry-window.ts";
import { isoTime } from "#src/core/time.ts";
import { REPEAT_AFTER_MS } from "#src/pipeline/choose/record-verdicts.ts";
import type { PipelineContext } from "#src/pipeline/context.ts";

/** What explain shows of a pair that is worth it and waits for its minute. */
const WAITS = "WAITS_FOR_WINDOW";

/** Those that may be opened alone in this minute; the others are written down as waiting. */
export function inWindow(
  context: PipelineContext,
  good: readonly Opportunity[],
): readonly Opportunity[] {
  const { clock, settings } = context;
  return good.filter((one) => {
    const legs = [...stampsOf(one.short, "short"), ...stampsOf(one.long, "long")];
    const { isOpen, stampAt } = judgeWindow(clock.marketNow(), legs, settings.window);
    if (!isOpen) noteWaiting(context, one, stampAt);
    return isOpen;
  });
}

function stampsOf({ instrument, funding }: OpportunityLeg, side: Side): readonly StampedLeg[] {
  return instrument.kind === "perp" ? [{ ...funding, side }] : [];
}

function noteWaiting(
  { store, clock, ids, settings }: PipelineContext,
  { asset }: Opportunity,
  stampAt: number | null,
): void {
  const at = clock.marketNow();
  const last = store.listDecisions({ asset, limit: 5 }).find((one) => one.kind === "open");
  if (last?.outcome === WAITS && at - last.at < REPEAT_AFTER_MS) return;
  const detail = {
    paymentAt: stampAt === null ? null : isoTime(stampAt),
    fromMinutesBefore: settings.window.maxMinutes,
    toMinutesBefore: settings.window.minMinutes,
  };
  store.transaction(() =>
    store.insertDecision({
      ...{ id: ids.next("D"), at, kind: "open", asset, outcome: WAITS },
      detail: JSON.stringify(detail),
    }),
  );
}
