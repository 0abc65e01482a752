import { ZERO } from "#src/core/decimal.ts";
import { DAY_MS } from "#src/core/funding.ts";
import type { Hedge } from "#src/core/hedge.ts";
import { type PipelineContext, parseFact } from "#src/pipeline/context.ts";
import { tellOwner } from "#src/pipeline/propose/ask-owner.ts";
import { formatPercent } from "#src/reports/format.ts";
import { cutAndTell } from "./cut-and-tell.ts";
import type { LegReading } from "./read-margins.ts";

const HIGH = 4;

/** A leg that would be among the first to be taken by the venue (domain 4.9): said once, and once that it is over. */
export function tellAdlRank(
  context: PipelineContext,
  hedge: Hedge,
  { leg, adlRank }: LegReading,
): void {
  if (adlRank === null) return;
  const { store } = context;
  const key = rankKey(hedge, leg);
  const isHigh = adlRank >= HIGH;
  const wasHigh = (store.getFact(key) ?? "no") !== "no";
  if (isHigh === wasHigh) return;
  const name = `${hedge.asset} ${hedge.id}: the ${leg.side} on ${leg.venue}`;
  const text = isHigh
    ? `${name} is in place ${adlRank} of 5 for auto-deleveraging: if the venue runs short, it is closed among the first, and the other leg within seconds after it. ${whatNext(context, hedge)} More collateral there lowers its place.`
    : `${name} is no longer among the first for auto-deleveraging. Nothing more is to be done.`;
  store.transaction(() => {
    store.setFact(key, isHigh ? "yes" : "no");
    tellOwner(context, isHigh ? "warning" : "info", text);
  });
}

function whatNext(context: PipelineContext, hedge: Hedge): string {
  if (hedge.phase === "review") {
    return "Its books and venues disagree, so nothing is cut by itself; /kill closes everything.";
  }
  const share = formatPercent(context.settings.margin.leastCut, 0);
  return wasCutLately(context, hedge)
    ? "Both legs were cut for this less than a day ago, so they stay as they are for now."
    : `Both legs are cut by ${share} now, reduce-only, and the hedge stays open.`;
}

/**
 * Takes the least cut off both legs when one of them has come among the first: what is not there cannot be taken
 * alone. Once for as long as it stays there, since a place says where others stand too and may not get better by
 * it; and not more than once in a day (market time). True when something was cut.
 */
export async function cutForAdlRank(
  context: PipelineContext,
  hedge: Hedge,
  readings: readonly LegReading[],
): Promise<boolean> {
  const { store, clock, settings } = context;
  const high = readings.filter(({ leg }) => store.getFact(rankKey(hedge, leg)) === "yes");
  const [first] = high;
  if (!first || wasCutLately(context, hedge)) return false;
  const { side, venue } = first.leg;
  const result = await cutAndTell(context, {
    ...{ hedge, share: settings.margin.leastCut },
    why: `The ${side} on ${venue} was among the first for auto-deleveraging`,
    next: "it stays open, and is not cut for this again while it keeps that place",
    help: `collateral on ${venue} lowers its place`,
  });
  const isCut = result?.kind === "cut" && result.cutBase.gt(ZERO);
  if (!isCut && result?.kind !== "tooSmall") return false;
  store.transaction(() => {
    for (const { leg } of high) store.setFact(rankKey(hedge, leg), "cut");
    if (isCut) store.setFact(cutKey(hedge), String(clock.marketNow()));
    else tellOwner(context, "info", tooSmall(hedge));
  });
  return isCut;
}

function tooSmall({ asset, id }: Hedge): string {
  return `${asset} ${id} is not cut for its place in auto-deleveraging: what would stay is too small for an order of its own. It stays open as it is; /close ${asset} offers to close it.`;
}

function wasCutLately({ store, clock }: PipelineContext, hedge: Hedge): boolean {
  const cutAt = parseFact(store, cutKey(hedge));
  return cutAt !== null && clock.marketNow() - cutAt < DAY_MS;
}

function rankKey({ id }: Hedge, leg: LegReading["leg"]): string {
  return `adl:${id}:${leg.index}`;
}

function cutKey({ id }: Hedge): string {
  return `adlCutAt:${id}`;
}
