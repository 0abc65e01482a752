import { mandateUse } from "#src/approvals/mandate.ts";
import { isLive } from "#src/core/hedge.ts";
import type { ListedRate } from "#src/core/opportunity.ts";
import { isoTime } from "#src/core/time.ts";
import { usd } from "#src/core/units.ts";
import { shortlistLegs } from "#src/opportunities/shortlist-legs.ts";
import {
  ACCOUNTS_GLANCE_MS,
  type PipelineContext,
  RATES_GLANCE_MS,
} from "#src/pipeline/context.ts";
import { lookAtMarket } from "#src/pipeline/look/look-at-market.ts";
import { opportunitiesView } from "#src/reports/opportunities-view.ts";
import { ratesView } from "#src/reports/rates-view.ts";
import type {
  HealthView,
  MandateView,
  OpportunitiesView,
  RatesView,
  VenueView,
} from "#src/reports/views.ts";

/** A general question is answered with everything only where there is little. */
const FEW_ASSETS = 12;
/** Of hundreds of assets those that pay most, and those held: what a phone and a model can take in. */
const BEST_SHOWN = 8;
const REFUSED_SHOWN = 10;

export async function rates(context: PipelineContext, asset?: string): Promise<RatesView> {
  const { clock } = context;
  const collected = await context.rates(RATES_GLANCE_MS);
  const wanted = asset?.trim().toUpperCase();
  const shown = wanted ? new Set([wanted]) : assetsToShow(context, collected.listed);
  return ratesView({
    listed: collected.listed.filter(({ instrument }) => shown.has(instrument.asset)),
    refused: collected.refused.slice(0, REFUSED_SHOWN),
    marketNow: clock.marketNow(),
    wallNow: clock.wallNow(),
  });
}

function assetsToShow(
  context: PipelineContext,
  listed: readonly ListedRate[],
): ReadonlySet<string> {
  const all = new Set(listed.map(({ instrument }) => instrument.asset));
  if (all.size <= FEW_ASSETS) return all;
  const { horizonHours } = context.settings.entry;
  const { legs } = shortlistLegs({ listed, horizonHours, count: BEST_SHOWN });
  const best = legs.map(({ instrument }) => instrument.asset);
  return new Set([...liveHedges(context).map((hedge) => hedge.asset), ...best]);
}

export async function opportunities(
  context: PipelineContext,
  asset?: string,
): Promise<OpportunitiesView> {
  const wanted = asset?.trim().toUpperCase();
  const look = await lookAtMarket(context, { asset: wanted });
  return opportunitiesView({
    ranked: look.ranked,
    dropped: look.dropped.filter((one) => wanted || one.reason === "VENUE_SILENT"),
    cashYield: context.settings.cashYield,
    marketNow: context.clock.marketNow(),
  });
}

export async function health(context: PipelineContext): Promise<HealthView> {
  const venues = (await venueViews(context)).map(({ venue, status }) => ({ venue, status }));
  const tradingState = context.store.tradingState();
  const down = venues.some((venue) => venue.status === "down");
  return {
    status: tradingState === "halted" ? "halted" : down ? "degraded" : "ok",
    mode: context.mode,
    tradingState,
    uptimeSeconds: Math.floor((context.clock.wallNow() - context.startedAt) / 1000),
    venues,
  };
}

export async function venueViews(context: PipelineContext): Promise<readonly VenueView[]> {
  return (await context.accounts(ACCOUNTS_GLANCE_MS)).map(({ venue, equityUsd }) => ({
    venue,
    status: equityUsd ? "ok" : "down",
    equityUsd: equityUsd?.toFixed() ?? null,
  }));
}

export function mandateView(context: PipelineContext): MandateView | null {
  const { store, clock } = context;
  const mandate = store.armedMandate();
  if (!mandate) return null;
  const use = mandateUse(store, mandate, { marketNow: clock.marketNow(), pnlTodayUsd: usd("0") });
  return {
    id: mandate.id,
    state: mandate.state,
    perHedgeUsd: mandate.perHedgeUsd.toFixed(),
    totalUsd: mandate.totalUsd.toFixed(),
    opensPerDay: mandate.opensPerDay,
    lossPerDayUsd: mandate.lossPerDayUsd.toFixed(),
    assets: mandate.assets,
    venues: mandate.venues,
    endsAt: isoTime(mandate.endsAt),
    usedUsd: use.openUsd.toFixed(),
    opensToday: use.opensToday,
  };
}

export function liveHedges(context: PipelineContext) {
  return context.store.listHedges().filter((hedge) => isLive(hedge.phase));
}
