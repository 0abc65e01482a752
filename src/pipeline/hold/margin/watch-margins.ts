import { type Decimal, dec, maxOf, ONE, ZERO } from "#src/core/decimal.ts";
import type { Hedge } from "#src/core/hedge.ts";
import { judgeMargin, settledBand, shareToCut } from "#src/core/rules/judge-margin.ts";
import { type MarginBand, worseBand } from "#src/core/rules/margin-bands.ts";
import type { PipelineContext } from "#src/pipeline/context.ts";
import { runClosing } from "#src/pipeline/run-execution.ts";
import { cutForMargin } from "./cut-for-margin.ts";
import { cutForAdlRank, tellAdlRank } from "./heed-adl-rank.ts";
import { proposeTransfer } from "./propose-transfer.ts";
import {
  createMarginReader,
  type JudgedHedge,
  type JudgedLeg,
  type LegReading,
} from "./read-margins.ts";
import { bandTold, tellBand, tellRedOutcome, tellUnknown } from "./tell-margin.ts";

/**
 * How near every open hedge is to liquidation (domain 2.8, 3 rule 5). Orange is cut and red is closed without
 * a tap, since both only reduce, and what a venue would deleverage among the first is cut too (4.9); yellow and each change
 * are told, and of a hedge under review all is only told.
 * What cannot be read is unknown, never green. A round that runs is joined by the next one.
 */
export function watchMargins(context: PipelineContext): Promise<void> {
  const { gate } = context;
  gate.judging ??= judgeAll(context).finally(() => {
    gate.judging = null;
  });
  return gate.judging;
}

async function judgeAll(context: PipelineContext): Promise<void> {
  const readLegs = createMarginReader(context);
  context.gate.judgedMarks.clear();
  const held = context.store.listHedges(["open", "review"]);
  const hedges = held.filter((hedge) => !isBusy(context, hedge));
  // All are judged on one reading before any is cut: each gives its share of what an account lacks.
  const judged = await Promise.all(
    hedges.map(async (hedge) => judge(context, hedge, await readLegs(hedge))),
  );
  await Promise.all(judged.map((one) => (one ? actOn(context, one) : null)));
}

function isBusy({ execution, store }: PipelineContext, { id }: Hedge): boolean {
  return execution.memory.busy.has(id) || store.hasLiveAttempt(id);
}

/** Null: one leg is unknown, and that is told when it lasts. */
function judge(
  context: PipelineContext,
  hedge: Hedge,
  readings: readonly LegReading[],
): JudgedHedge | null {
  const rules = context.settings.margin;
  const legs: JudgedLeg[] = [];
  for (const reading of readings) {
    if (!reading.margin) continue;
    const { markPrice } = reading.margin;
    context.gate.judgedMarks.set(`${reading.leg.venue}:${reading.leg.symbol}`, markPrice);
    legs.push({ reading, verdict: judgeMargin(reading.margin, rules) });
  }
  const isWhole = legs.length === readings.length;
  for (const reading of readings) tellAdlRank(context, hedge, reading);
  tellUnknown(context, hedge, isWhole ? null : readings.filter(({ margin }) => !margin));
  const band = legs.map(({ verdict }) => verdict.band).reduce<MarginBand>(worseBand, "green");
  // What is known to be bad is acted on, whatever the other venue keeps to itself.
  if (!isWhole && (band === "green" || band === "yellow")) return null;
  const byDanger = legs.toSorted((a, b) => a.verdict.distance.cmp(b.verdict.distance));
  return { hedge, legs: byDanger, band };
}

async function actOn(context: PipelineContext, judged: JudgedHedge): Promise<void> {
  const { hedge, legs, band } = judged;
  const rules = context.settings.margin;
  const was = bandTold(context, hedge);
  const settled = legs
    .map(({ reading }) => (reading.margin ? settledBand(was, reading.margin, rules) : was))
    .reduce<MarginBand>(worseBand, "green");
  if (settled !== was) tellBand(context, judged, settled);
  // While books and venues disagree about it, nobody knows what to cut.
  if (hedge.phase === "review") return;
  const [worst] = legs;
  if (band === "red") {
    tellRedOutcome(context, judged, await runClosing(context, hedge, null));
  } else if (band === "orange" && worst) {
    await cutForMargin(context, hedge, worst, shareOf(context, judged));
  } else {
    const readings = legs.map(({ reading }) => reading);
    const isCut = await cutForAdlRank(context, hedge, readings);
    if (settled === "yellow" && !isCut) proposeTransfer(context, judged);
  }
}

/** Of the legs that need a cut the one that needs most. */
function shareOf(context: PipelineContext, { legs }: JudgedHedge): Decimal {
  const rules = context.settings.margin;
  const bad = legs.filter(({ verdict }) => verdict.band === "orange");
  const shares = bad.map(({ reading }) =>
    reading.margin ? shareToCut(reading.margin, rules) : ZERO,
  );
  return maxOf(ZERO, ...shares);
}

/** Worth judging again before its time. */
const MOVED = dec("0.01");

/** Did a held instrument's mark move by a hundredth since it was judged? From what was read anyway. */
export function hasMovedSinceJudged({ gate, execution }: PipelineContext): boolean {
  return [...gate.judgedMarks].some(([key, mark]) => {
    const now = execution.memory.seen.get(key)?.position.markPrice;
    return now?.div(mark).minus(ONE).abs().gte(MOVED) ?? false;
  });
}
