import type { Hedge } from "#src/core/hedge.ts";
import type { MarginRules } from "#src/core/rules/judge-margin.ts";
import type { MarginBand } from "#src/core/rules/margin-bands.ts";
import type { PipelineContext } from "#src/pipeline/context.ts";
import { tellOwner } from "#src/pipeline/propose/ask-owner.ts";
import type { Severity } from "#src/ports/store.ts";
import { formatNumber, formatPercent } from "#src/reports/format.ts";
import type { JudgedHedge, JudgedLeg, LegReading } from "./read-margins.ts";

const BANDS: readonly string[] = ["green", "yellow", "orange", "red"] satisfies MarginBand[];

/** The band that the owner was told of last; green before the first word. */
export function bandTold({ store }: PipelineContext, { id }: Hedge): MarginBand {
  const told = store.getFact(bandKey(id));
  return isBand(told) ? told : "green";
}

/** Each change once, also the one back to green; the note and the words are one write. */
export function tellBand(context: PipelineContext, judged: JudgedHedge, band: MarginBand): void {
  const { hedge, legs } = judged;
  const [worst] = legs;
  if (!worst) return;
  const severity: Severity = band === "green" ? "info" : band === "yellow" ? "warning" : "critical";
  const head = `${hedge.asset} ${hedge.id}: margin is ${band}${band === "green" ? " again" : ""}.`;
  const next =
    hedge.phase === "review" && band !== "green"
      ? `Its books and venues disagree, so nothing is cut or closed by itself. Collateral on ${worst.reading.leg.venue} gives it time; /kill closes everything.`
      : whatNext(band, worst, context.settings.margin);
  context.store.transaction(() => {
    context.store.setFact(bandKey(hedge.id), band);
    tellOwner(context, severity, `${head} ${describeLeg(worst)}. ${next}`);
  });
}

export function tellRedOutcome(
  context: PipelineContext,
  { hedge, legs: [worst] }: JudgedHedge,
  outcome: string,
): void {
  const why = worst ? ` (${describeLeg(worst)})` : "";
  const text =
    outcome === "closed"
      ? `${hedge.asset} ${hedge.id} was closed because its margin was red${why}. Both legs are flat; /pnl shows what it made.`
      : `${hedge.asset} ${hedge.id} is being closed because its margin is red${why}, and it is not flat yet. It is tried again every few seconds; collateral on ${worst?.reading.leg.venue ?? "the venue"} gives it time; /kill closes everything.`;
  tellOwner(context, "critical", text);
}

const [ONCE, TOLD, NO] = ["once", "told", ""] as const;

/** Unknown in two rounds running is said once, and once that it is over; a single silence is not worth a word. */
export function tellUnknown(
  context: PipelineContext,
  hedge: Hedge,
  silent: readonly LegReading[] | null,
): void {
  const { store } = context;
  const key = `marginUnknown:${hedge.id}`;
  const was = store.getFact(key) ?? NO;
  const now = silent === null ? NO : was === NO ? ONCE : TOLD;
  if (now === was) return;
  store.transaction(() => {
    store.setFact(key, now);
    const name = `${hedge.asset} ${hedge.id}`;
    const venues = silent?.map(({ leg }) => leg.venue).join(" and ");
    if (now === TOLD) {
      tellOwner(
        context,
        "warning",
        `${name}: nobody knows how near it is to liquidation on ${venues}, which does not say what the account holds. It stays open: nothing is cut on a guess. It is asked again every minute; look at ${venues}. /kill closes everything.`,
      );
    } else if (was === TOLD) {
      tellOwner(
        context,
        "info",
        `${name}: its margin can be read again, and is watched as before.`,
      );
    }
  });
}

export function describeLeg({ reading: { leg }, verdict }: JudgedLeg): string {
  const ratio =
    verdict.ratio === null ? "" : `, equity ${formatNumber(verdict.ratio, 3)} x maintenance`;
  return `The ${leg.side} on ${leg.venue} is ${formatPercent(verdict.distance)} from liquidation${ratio}`;
}

function whatNext(band: MarginBand, { reading: { leg } }: JudgedLeg, rules: MarginRules): string {
  const cutAt = formatPercent(rules.distance.yellow, 0);
  const closeAt = formatPercent(rules.distance.orange, 0);
  switch (band) {
    case "green":
      return "Nothing more is to be done.";
    case "yellow":
      return `Both legs stay as they are; nearer than ${cutAt} both are cut. Collateral on ${leg.venue} avoids that.`;
    case "orange":
      return `Both legs are cut by the same size now, reduce-only, until it is green; the hedge stays open. Nearer than ${closeAt} it is closed.`;
    case "red":
      return "Both legs are closed now, reduce-only.";
  }
}

function bandKey(hedgeId: string): string {
  return `margin:${hedgeId}`;
}

function isBand(text: string | null): text is MarginBand {
  return text !== null && BANDS.includes(text);
}
