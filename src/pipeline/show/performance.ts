import { type Decimal, dec, maxOf, ONE, sum, ZERO } from "#src/core/decimal.ts";
import { crossQuote, equityIdentity } from "#src/core/figures/pnl.ts";
import type { Hedge, HedgeLeg } from "#src/core/hedge.ts";
import { isSpotSymbol, type VenueId } from "#src/core/instrument.ts";
import { isoTime } from "#src/core/time.ts";
import { type Usd, usd } from "#src/core/units.ts";
import { ACCOUNTS_GLANCE_MS, type PipelineContext } from "#src/pipeline/context.ts";
import { transferredSince } from "#src/pipeline/hold/stops/keep-equity.ts";
import { equityAtStart } from "#src/pipeline/hold/stops/profit.ts";
import { readUsdt } from "#src/pipeline/hold/stops/read-depeg.ts";
import type { EquityPoint } from "#src/ports/trading-stores.ts";
import { type EquityDay, equityDays } from "#src/reports/equity-days.ts";
import { type HedgeMoney, pnlView } from "#src/reports/hedge-view.ts";
import { performanceFigures } from "#src/reports/performance-figures.ts";
import type {
  DayResultView,
  PerformanceView,
  VenueResultView,
} from "#src/reports/performance-view.ts";
import type { HedgeView } from "#src/reports/views.ts";
import { leftoverCoinsUsd } from "./leftover-coins.ts";
import {
  describeHedge,
  legMarket,
  type MarketMoment,
  marketMoment,
  withoutLeftovers,
} from "./money.ts";

/** Closed hedges on the list, newest first. */
const LISTED = 20;
const DAYS_SHOWN = 30;

interface Described {
  readonly hedge: Hedge;
  readonly view: HedgeView;
  readonly money: HedgeMoney;
}

/** What was earned, in parts that sum exactly, and what the accounts hold beside it. */
export async function performance(context: PipelineContext): Promise<PerformanceView> {
  const { store, clock, totals, settings } = context;
  const [moment, accounts] = await Promise.all([
    marketMoment(context),
    context.accounts(ACCOUNTS_GLANCE_MS),
  ]);
  const equities = new Map(accounts.map((one) => [one.venue, one.equityUsd]));
  const equityUsd = addKnown([...equities.values()]);
  const described = store
    .listHedges()
    .map((hedge) => ({ hedge: withoutLeftovers(hedge), ...describeHedge(context, hedge, moment) }));
  const pnl = addUp(described.map(({ money }) => money.pnl));
  const nobody = totals.ofNobody();
  const otherUsd = usd(sum([nobody.trade, nobody.fee, nobody.funding, nobody.interest]));
  const start = equityAtStart(context);
  const days = equityDays(pointsUntilNow(context, equityUsd));
  const closed = described.flatMap(({ hedge, money }) =>
    hedge.closedAt === null || !money.pnl || hedge.legs.every((leg) => leg.entryPrice === null)
      ? []
      : [{ resultUsd: money.pnl.totalUsd, heldMs: hedge.closedAt - hedge.openedAt }],
  );
  return {
    asOf: isoTime(clock.marketNow()),
    total: pnlView(pnl),
    hedges: described
      .map(({ view, money }) => ({ ...view, pnl: pnlView(money.pnl) }))
      .reverse()
      .slice(0, LISTED),
    venues: [...equities].map(([venue, held]) =>
      venueResult(context, venue, held, described, moment),
    ),
    days: days
      .slice(-DAYS_SHOWN)
      .reverse()
      .map((day) => dayResult(context, day)),
    figures: performanceFigures({
      ...{ days, closed, equityUsd, targets: settings.report },
      fall: context.history(nobody.transfer).fall,
      fundingPeriods: totals.fundingPeriods().map((one) => one.amountUsd),
      legs: heldLegs(context, described, moment),
    }),
    otherUsd: otherUsd.toFixed(),
    transfersUsd: nobody.transfer.toFixed(),
    quoteFxUsd: quoteFx(context, equities, moment),
    equityUsd: equityUsd?.toFixed() ?? null,
    equityAtStartUsd: start?.toFixed() ?? null,
    unexplainedUsd:
      equityUsd && pnl && start !== null
        ? equityIdentity({
            ...{ start: [start], deposits: nobody.transfer, withdrawals: ZERO },
            pnl: [pnl.totalUsd, otherUsd, leftoverCoinsUsd(context, moment.positions.values())],
            end: [equityUsd],
          }).unexplained.toFixed()
        : null,
  };
}

/** All saved points, and now as the last of them where every venue answers. */
export function pointsUntilNow(
  { store, clock, totals, history }: PipelineContext,
  equityUsd: Usd | null,
): readonly EquityPoint[] {
  const at = clock.marketNow();
  const saved = history(totals.ofNobody().transfer).points;
  if (equityUsd === null || saved.at(-1)?.at === at) return saved;
  return [...saved, { at, equityUsd, flowsUsd: transferredSince(store, saved.at(-1) ?? null, at) }];
}

function addUp(parts: readonly HedgeMoney["pnl"][]): HedgeMoney["pnl"] {
  const known = parts.filter((one) => one !== null);
  if (known.length !== parts.length) return null;
  const total = (of: (one: (typeof known)[number]) => Usd) => usd(sum(known.map(of)));
  return {
    priceUsd: total((one) => one.priceUsd),
    fundingUsd: total((one) => one.fundingUsd),
    feesUsd: total((one) => one.feesUsd),
    interestUsd: total((one) => one.interestUsd),
    totalUsd: total((one) => one.totalUsd),
    basisUsd: total((one) => one.basisUsd),
    residualUsd: total((one) => one.residualUsd),
    realisedUsd: total((one) => one.realisedUsd),
    unrealisedUsd: total((one) => one.unrealisedUsd),
  };
}

function venueResult(
  { totals }: PipelineContext,
  venue: VenueId,
  equityUsd: Usd | null,
  described: readonly Described[],
  moment: MarketMoment,
): VenueResultView {
  const { trade, funding, fee, interest, transfer } = totals.ofVenue(venue);
  const held = legsOf(described).filter((leg) => leg.venue === venue);
  const values = held.map((leg) => {
    const mark = legMarket(leg, moment).markPrice;
    const value = mark && leg.heldBase.times(mark);
    return value && (leg.side === "long" ? value : value.neg());
  });
  const known = addKnown(values);
  const priceUsd = known && trade.plus(known);
  return {
    venue,
    priceUsd: priceUsd?.toFixed() ?? null,
    ...{ fundingUsd: funding.toFixed(), feesUsd: fee.toFixed(), interestUsd: interest.toFixed() },
    totalUsd: priceUsd ? sum([priceUsd, funding, fee, interest]).toFixed() : null,
    transfersUsd: transfer.toFixed(),
    equityUsd: equityUsd?.toFixed() ?? null,
  };
}

function dayResult({ totals }: PipelineContext, day: EquityDay): DayResultView {
  const { funding, fee, interest } = totals.ofDay(day.dayStart);
  const booked = sum([funding, fee, interest]);
  return {
    day: isoTime(day.dayStart).slice(0, 10),
    ...{ fundingUsd: funding.toFixed(), feesUsd: fee.toFixed(), interestUsd: interest.toFixed() },
    ...{ gainUsd: day.gainUsd.toFixed(), otherUsd: day.gainUsd.minus(booked).toFixed() },
  };
}

/** Of everything held: its value, and what of it stands as margin at the leverage that is set. */
function heldLegs(
  { settings }: PipelineContext,
  described: readonly Described[],
  moment: MarketMoment,
) {
  const legs = legsOf(described).map((leg) => {
    const mark = legMarket(leg, moment).markPrice;
    if (!mark) return null;
    const notionalUsd: Decimal = leg.heldBase.times(mark);
    // Spot is paid in full.
    const leverage = isSpotSymbol(leg.symbol) ? dec("1") : maxOf(dec("1"), settings.leverage);
    return { notionalUsd, marginUsd: notionalUsd.div(leverage) };
  });
  const known = legs.filter((one) => one !== null);
  return known.length === legs.length ? known : null;
}

/**
 * What the money on venues of another dollar made of its move, one USDC taken as one USD: beside the total,
 * in which each counts as 1. Null where a currency or its price is not known.
 */
function quoteFx(
  context: PipelineContext,
  equities: ReadonlyMap<VenueId, Usd | null>,
  { settleCurrencies }: MarketMoment,
): string | null {
  const ofVenue = new Map<VenueId, Set<string>>();
  for (const [key, currency] of settleCurrencies) {
    const venue = key.slice(0, key.indexOf(":"));
    ofVenue.set(venue, (ofVenue.get(venue) ?? new Set()).add(currency));
  }
  const held = [...equities].map(([venue, equityUsd]) => ({
    collateral: equityUsd,
    currencies: [...(ofVenue.get(venue) ?? [])],
  }));
  const all = new Set(held.flatMap(({ currencies }) => currencies));
  if (held.some((one) => one.currencies.length !== 1)) return null;
  if (all.size === 1) return "0";
  const usdt = readUsdt(context);
  const lines = held.map(({ collateral, currencies: [currency] }) => {
    const isKnown = currency === "USDC" || (currency === "USDT" && usdt !== null);
    if (!collateral || !isKnown) return null;
    const price = currency === "USDT" ? usdt : null;
    return {
      ...{ pnl: ZERO, collateral },
      ...{ usdAtStart: price?.atFirst ?? ONE, usdNow: price?.now ?? ONE },
    };
  });
  const known = lines.filter((one) => one !== null);
  return known.length === lines.length ? crossQuote(known).collateralFx.round(8).toFixed() : null;
}

function legsOf(described: readonly Described[]): readonly HedgeLeg[] {
  return described.flatMap(({ hedge }) => hedge.legs).filter((leg) => !leg.heldBase.eq(ZERO));
}

/** Null as soon as one is not known. */
export function addKnown(values: readonly (Decimal | null)[]): Usd | null {
  const known = values.filter((one) => one !== null);
  return known.length === values.length ? usd(sum(known)) : null;
}
