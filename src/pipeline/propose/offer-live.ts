import { consumeApproval } from "#src/approvals/consume-approval.ts";
import {
  LIVE_CONFIRMATION,
  LIVE_SUBJECT,
  liveConfirmation,
  rehearsedMs,
} from "#src/approvals/rehearsal.ts";
import { twrDrawdown } from "#src/core/figures/metrics.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import {
  boundsHash,
  encodeConfirmation,
  type LiveConfirmation,
  widenings,
} from "#src/core/rules/live-bounds.ts";
import { isoTime } from "#src/core/time.ts";
import { ownerOf, type PipelineContext } from "#src/pipeline/context.ts";
import { performance } from "#src/pipeline/show/performance.ts";
import type { Approval } from "#src/ports/store.ts";
import type { LiveView } from "#src/reports/views.ts";
import { askOwner } from "./ask-owner.ts";

/** Enough to count every alert of a rehearsal. */
const ALERTS = 100_000;

/** How far the rehearsal is, what came of it, and what live mode would be allowed. */
export async function live(context: PipelineContext): Promise<LiveView> {
  const { store, settings, mode } = context;
  const { bounds, minHours } = settings.live;
  const confirmed = liveConfirmation(store);
  const needed = minHours * HOUR_MS;
  return {
    ...{ mode, neededHours: minHours, state: stateOf(context) },
    rehearsedMinutes: minutes(Math.min(needed, ...rehearsedOf(context).map(([, ms]) => ms))),
    venues: rehearsedOf(context).map(([venue, ms]) => ({ venue, rehearsedMinutes: minutes(ms) })),
    bounds: {
      hardCapUsd: bounds.hardCapUsd.toFixed(),
      equityShare: bounds.equityShare.toFixed(),
      leverage: bounds.leverage.toFixed(),
      minLiquidationDistance: bounds.minLiquidationDistance.toFixed(),
      venues: bounds.venues,
      spotVenues: bounds.spotVenues,
    },
    confirmedAt: confirmed ? isoTime(confirmed.at) : null,
    widened: confirmed ? widenings(confirmed.bounds, bounds) : [],
    results: await resultsOf(context),
  };
}

/** Sends the card when everything is ready for it; one that was sent before ends. */
export function offerLive(context: PipelineContext): boolean {
  const { store, settings } = context;
  if (stateOf(context) !== "ready") return false;
  return store.transaction(() => {
    for (const { nonce } of store.listApprovals({ subjectId: LIVE_SUBJECT, state: "pending" })) {
      store.settleApproval(nonce, "superseded");
    }
    return askOwner(context, {
      subject: "live",
      subjectId: LIVE_SUBJECT,
      subjectHash: boundsHash(settings.live.bounds),
      card: (nonce) => ({ type: "liveCard", nonce }),
    });
  });
}

/** The tap: the confirmation is written with the very bounds that the card named, or not at all. */
export function confirmLive(
  context: PipelineContext,
  approval: Approval,
): "confirmed" | "alreadyUsed" | "changed" {
  const { store, clock, settings } = context;
  const { bounds } = settings.live;
  return store.transaction(() => {
    const now = clock.wallNow();
    if (!consumeApproval(store, approval, "approved", now)) return "alreadyUsed";
    // Another process may have sent the card, before the settings were changed.
    if (stateOf(context) !== "ready" || approval.subjectHash !== boundsHash(bounds))
      return "changed";
    const confirmation: LiveConfirmation = {
      ...{ bounds, ownerId: approval.ownerId, at: now },
      chat: store.getFact("chat") === "local" ? "local" : "telegram",
      rehearsedMs: Object.fromEntries(rehearsedOf(context)),
    };
    store.setFact(LIVE_CONFIRMATION, encodeConfirmation(confirmation));
    store.audit("liveConfirmed", "owner", { confirmation }, now);
    return "confirmed";
  });
}

function stateOf(context: PipelineContext): LiveView["state"] {
  const { store, settings, mode } = context;
  const { bounds, minHours } = settings.live;
  if (mode === "demo") return "demo";
  const confirmed = liveConfirmation(store);
  if (confirmed && widenings(confirmed.bounds, bounds).length === 0) return "confirmed";
  const enough = rehearsedOf(context).every(([, ms]) => ms >= minHours * HOUR_MS);
  return enough && ownerOf(store) ? "ready" : "rehearsing";
}

/** Of each venue in use; in mode live, what was rehearsed before. */
function rehearsedOf({ store, settings, mode }: PipelineContext): readonly [string, number][] {
  const before = mode === "live" ? liveConfirmation(store)?.rehearsedMs : null;
  const { venues } = settings.live.bounds;
  return venues.map((venue) => [venue, before ? (before[venue] ?? 0) : rehearsedMs(store, venue)]);
}

async function resultsOf(context: PipelineContext): Promise<LiveView["results"]> {
  const { store } = context;
  const { total } = await performance(context);
  const hedges = store.listHedges();
  const alerts = store.recentAlerts(ALERTS);
  const count = (severity: string) => alerts.filter((one) => one.severity === severity).length;
  return {
    hedgesOpened: hedges.filter(({ legs }) => legs.every((leg) => leg.entryPrice !== null)).length,
    hedgesClosed: hedges.filter(({ phase }) => phase === "closed").length,
    failures: store.listProposals({ states: ["failed"], limit: ALERTS }).length,
    ...{ warnings: count("warning"), criticals: count("critical") },
    pnl: total,
    worstDrawdown: worstDrawdown(context),
  };
}

/** Of everything the accounts held, hour by hour; null before the second hour. */
function worstDrawdown({ store, clock }: PipelineContext): string | null {
  const points = store.listEquityPoints(0, clock.marketNow());
  if (points.length < 2) return null;
  const readings = points.map(({ equityUsd, flowsUsd }) => ({ equity: equityUsd, flow: flowsUsd }));
  return twrDrawdown(readings).mdd.toFixed();
}

function minutes(ms: number): number {
  return Math.floor(ms / 60_000);
}
