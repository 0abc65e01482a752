import type { Hedge } from "#src/core/hedge.ts";
import type { PipelineContext } from "#src/pipeline/context.ts";
import { tellOwner } from "#src/pipeline/propose/ask-owner.ts";
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
  const key = `adl:${hedge.id}:${leg.index}`;
  const isHigh = adlRank >= HIGH;
  if (isHigh === (store.getFact(key) === "yes")) return;
  const name = `${hedge.asset} ${hedge.id}: the ${leg.side} on ${leg.venue}`;
  const text = isHigh
    ? `${name} is in place ${adlRank} of 5 for auto-deleveraging: if the venue runs short, it is closed among the first. It stays open; were it taken, the other leg is closed within seconds. A smaller position or more collateral there lowers it.`
    : `${name} is no longer among the first for auto-deleveraging. Nothing more is to be done.`;
  store.transaction(() => {
    store.setFact(key, isHigh ? "yes" : "no");
    tellOwner(context, isHigh ? "warning" : "info", text);
  });
}
