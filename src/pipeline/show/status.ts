import { parseDecimal, sum } from "#src/core/decimal.ts";
import { grownIn } from "#src/core/figures/borrow.ts";
import { openingOrderSide } from "#src/core/order.ts";
import { isoTime } from "#src/core/time.ts";
import { shortVenues } from "#src/core/words/plain-name.ts";
import { entryStopSentence } from "#src/core/words/plain-words.ts";
import { type PipelineContext, parseFact } from "#src/pipeline/context.ts";
import type { CardFacts, RuleDays } from "#src/pipeline/contract.ts";
import { entryStops } from "#src/pipeline/hold/stops/entry-stops.ts";
import type { HedgeView, RuleView, StatusView, VenueView } from "#src/reports/views.ts";
import { describeHedge, marketMoment } from "./money.ts";
import { liveHedges, mandateView, venueViews } from "./views.ts";

const ALERTS = 8;

export async function status(context: PipelineContext): Promise<StatusView> {
  const { store, clock, mode } = context;
  const [moment, venues] = await Promise.all([marketMoment(context), venueViews(context)]);
  const hedges = liveHedges(context).map((hedge) => describeHedge(context, hedge, moment).view);
  return {
    mode,
    tradingState: store.tradingState(),
    entryStops: entryStops(context).map(({ reason, asset, venue, until }) => ({
      ...{ reason, asset, venue },
      until: until === null ? null : isoTime(until),
      text: `${asset ?? venue ?? "Every hedge"}: ${entryStopSentence(reason)}`,
    })),
    marketTime: isoTime(clock.marketNow()),
    lastScanAt: timeFact(context, "lastScanAt"),
    nextScanAt: timeFact(context, "nextScanAt"),
    hedges,
    proposals: store
      .listProposals({ states: ["awaiting"], limit: 20 })
      .filter(({ proposal }) => proposal.expiresAt > clock.wallNow())
      .map(({ proposal, state }) => ({
        id: proposal.id,
        kind: proposal.kind,
        asset: proposal.asset,
        state,
        expiresAt: isoTime(proposal.expiresAt),
      })),
    mandate: mandateView(context),
    venues,
    equityUsd: equityOf(venues),
    alerts: store.recentAlerts(ALERTS).map(({ at, severity, text }) => ({
      at: at === null ? "" : isoTime(at),
      severity,
      text: shortVenues(text),
    })),
  };
}

/** What a proposal's card shows at this moment of its life. */
export async function cardFacts(
  context: PipelineContext,
  proposalId: string,
): Promise<CardFacts | null> {
  const { store, clock, mode } = context;
  const marketNow = clock.marketNow();
  const days = ruleDays(context.settings.inForce);
  const stored = store.getProposal(proposalId);
  if (!stored) return null;
  const { proposal } = stored;
  const hedge =
    proposal.kind === "close"
      ? store.getHedge(proposal.hedgeId)
      : (store.listHedges().find((one) => one.proposalId === proposalId) ?? null);
  if (!hedge) return { stored, hedge: null, view: null, marketNow, days, mode };
  const { view } = describeHedge(context, hedge, await marketMoment(context));
  return {
    ...{ stored, hedge, marketNow, days, mode },
    view: hedge.phase === "closed" ? asItWas(context, view) : view,
  };
}

function ruleDays(rules: readonly RuleView[]): RuleDays {
  const value = (setting: string) =>
    rules.find((rule) => rule.setting === setting)?.value ?? "unknown";
  return { lookback: value("entry.lookbackDays"), horizon: value("entry.horizonDays") };
}

/** Nothing is held any more: its legs show all that was bought or sold to open them. */
function asItWas({ store }: PipelineContext, view: HedgeView): HedgeView {
  const fills = store.listFills(view.id);
  return {
    ...view,
    legs: view.legs.map((leg) => {
      const side = openingOrderSide(leg.side);
      const entries = fills.filter(
        (fill) => fill.venue === leg.venue && fill.symbol === leg.instrument && fill.side === side,
      );
      const opened = sum(entries.map((fill) => fill.sizeBase)).minus(grownIn(entries));
      return { ...leg, sizeBase: opened.toFixed() };
    }),
  };
}

export function equityOf(venues: readonly VenueView[]): string | null {
  const known = venues.map((venue) => parseDecimal(venue.equityUsd ?? ""));
  const values = known.filter((one) => one !== null);
  return values.length === venues.length && values.length > 0 ? sum(values).toFixed() : null;
}

function timeFact(context: PipelineContext, key: string): string | null {
  const at = parseFact(context.store, key);
  return at === null ? null : isoTime(at);
}
