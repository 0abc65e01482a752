import { mandateUse } from "#src/approvals/mandate.ts";
import { isLive } from "#src/core/hedge.ts";
import { isoTime } from "#src/core/time.ts";
import { usd } from "#src/core/units.ts";
import { collectRates } from "#src/rates/collect-rates.ts";
import { opportunitiesView } from "#src/reports/opportunities-view.ts";
import { ratesView } from "#src/reports/rates-view.ts";
import type {
  DecisionView,
  HealthView,
  MandateView,
  OpportunitiesView,
  RatesView,
  VenueView,
} from "#src/reports/views.ts";
import type { PipelineContext } from "./context.ts";
import { lookAtMarket } from "./look-at-market.ts";

export async function rates(context: PipelineContext, asset?: string): Promise<RatesView> {
  const { venues, clock } = context;
  const collected = await collectRates({ venues, clock });
  const wanted = asset?.trim().toUpperCase();
  return ratesView({
    rates: collected.rates.filter((rate) => !wanted || rate.asset === wanted),
    refused: collected.refused,
    marketNow: clock.marketNow(),
    wallNow: clock.wallNow(),
  });
}

export async function opportunities(
  context: PipelineContext,
  asset?: string,
): Promise<OpportunitiesView> {
  const look = await lookAtMarket(context);
  const wanted = asset?.trim().toUpperCase();
  return opportunitiesView({
    ranked: look.ranked.filter((one) => !wanted || one.asset === wanted),
    dropped: look.dropped.filter((one) => !wanted || one.asset === wanted),
    marketNow: context.clock.marketNow(),
  });
}

export function explain(context: PipelineContext, asset: string | null): readonly DecisionView[] {
  const wanted = asset?.trim().toUpperCase();
  return context.store
    .listDecisions({ ...(wanted ? { asset: wanted } : {}), limit: 10 })
    .map((decision) => ({
      at: isoTime(decision.at),
      kind: decision.kind,
      asset: decision.asset,
      outcome: decision.outcome,
      detail: parseObject(decision.detail),
    }));
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

export function venueViews(context: PipelineContext): Promise<readonly VenueView[]> {
  return Promise.all(
    [...context.venues.values()].map(async (venue): Promise<VenueView> => {
      try {
        const { equityUsd } = await venue.account.account();
        return { venue: venue.id, status: "ok", equityUsd: equityUsd.toFixed() };
      } catch {
        return { venue: venue.id, status: "down", equityUsd: null };
      }
    }),
  );
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

function parseObject(json: string): Readonly<Record<string, unknown>> {
  const parsed: unknown = JSON.parse(json);
  return typeof parsed === "object" && parsed !== null
    ? Object.fromEntries(Object.entries(parsed))
    : {};
}
