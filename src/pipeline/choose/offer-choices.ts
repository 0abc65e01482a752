import { minOf } from "#src/core/decimal.ts";
import { closeRowOf } from "#src/core/decision.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import type { Mandate } from "#src/core/mandate.ts";
import type { Opportunity } from "#src/core/opportunity.ts";
import type { NotionalUsd } from "#src/core/units.ts";
import type { PipelineContext } from "#src/pipeline/context.ts";
import { hasRoom, isCovered, isHedged, mandateRoom } from "#src/pipeline/propose/open-within.ts";
import { hasRoomForCard, proposedLately } from "#src/pipeline/propose/propose-best.ts";
import { inWindow } from "#src/pipeline/propose/wait-for-window.ts";

/** An asset that was left is not entered again so soon (market time). */
export const REENTER_AFTER_MS = 4 * HOUR_MS;
/** Decisions that are looked through for what models wanted to leave. */
const LATELY = 50;

export interface Offer {
  /** Best first. */
  readonly opens: readonly Opportunity[];
  readonly mostUsd: NotionalUsd;
}

/** What the rules allow to be opened now: alone within the mandate, or by a card. */
export function allowedOpens(
  context: PipelineContext,
  mandate: Mandate | null,
  good: readonly Opportunity[],
): readonly Opportunity[] {
  return good.filter(
    (one) =>
      !isHedged(context, one.asset) &&
      (mandate ? isCovered(mandate, one) : !proposedLately(context, one.asset)),
  );
}

/**
 * What a mandate may open in this minute. Only of what nothing else holds back it is written down that it
 * waits for its minutes: one word a scan on each.
 */
export function openableAlone(
  context: PipelineContext,
  mandate: Mandate,
  good: readonly Opportunity[],
): readonly Opportunity[] {
  if (!hasRoom(context, mandate)) return [];
  const left = leftLately(context);
  const allowed = allowedOpens(context, mandate, good);
  return inWindow(
    context,
    allowed.filter(({ asset }) => !left.has(asset)),
  );
}

/** Less what was left lately, and nothing when neither the mandate nor the chat has room. */
export async function offerOpens(
  context: PipelineContext,
  mandate: Mandate | null,
  good: readonly Opportunity[],
): Promise<Offer> {
  const { hardCapUsd } = context.limits;
  const allowed = allowedOpens(context, mandate, good);
  if (allowed.length === 0) return { opens: [], mostUsd: hardCapUsd };
  const roomUsd = mandate ? await mandateRoom(context, mandate) : hardCapUsd;
  if (!roomUsd || (!mandate && !hasRoomForCard(context))) return { opens: [], mostUsd: hardCapUsd };
  const left = leftLately(context);
  return {
    opens: allowed.filter((one) => !left.has(one.asset)),
    mostUsd: minOf(roomUsd, hardCapUsd),
  };
}

/** Closed within the cool-down, or that a model wanted closed within it. */
export function leftLately({ store, clock }: PipelineContext): ReadonlySet<string> {
  const since = clock.marketNow() - REENTER_AFTER_MS;
  const closed = store
    .listHedges(["closed"])
    .filter(({ closedAt }) => closedAt !== null && closedAt > since)
    .map(({ asset }) => asset);
  const wanted = store
    .listScanDecisions({ limit: LATELY })
    .filter(({ at, decidedBy }) => at > since && decidedBy === "models")
    .flatMap(({ table, choice }) => closeRowOf(table, choice)?.asset ?? []);
  return new Set([...closed, ...wanted]);
}
