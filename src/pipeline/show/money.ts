import { decFromInteger, maxOf, minOf, sum, ZERO } from "#src/core/decimal.ts";
import { type AccruingLeg, accruedEstimate } from "#src/core/figures/carry.ts";
import { type FundingRate, HOUR_MS } from "#src/core/funding.ts";
import type { Hedge, HedgeLeg } from "#src/core/hedge.ts";
import { isSpotSymbol } from "#src/core/instrument.ts";
import type { Position } from "#src/core/order.ts";
import { baseSize, type EpochMs, type Price, usd } from "#src/core/units.ts";
import { profitAndLoss } from "#src/ledger/profit-and-loss.ts";
import { splitResult } from "#src/ledger/split-result.ts";
import {
  ACCOUNTS_GLANCE_MS,
  type PipelineContext,
  RATES_GLANCE_MS,
} from "#src/pipeline/context.ts";
import { paidBackAt, plannedCosts } from "#src/pipeline/hold/carry/note-paid-back.ts";
import { type HedgeMoney, hedgeView, type LegMarket } from "#src/reports/hedge-view.ts";
import type { HedgeView } from "#src/reports/views.ts";

/** What the venues say right now about everything that hedges hold. */
export interface MarketMoment {
  readonly positions: ReadonlyMap<string, Position>;
  readonly rates: ReadonlyMap<string, FundingRate>;
  /** What each listed instrument settles in. */
  readonly settleCurrencies: ReadonlyMap<string, string>;
}

export async function marketMoment(context: PipelineContext): Promise<MarketMoment> {
  const [{ rates, listed }, accounts] = await Promise.all([
    context.rates(RATES_GLANCE_MS),
    context.accounts(ACCOUNTS_GLANCE_MS),
  ]);
  const positions = accounts.flatMap((one) => one.positions ?? []);
  return {
    positions: new Map(positions.map((position) => [keyOf(position), position])),
    rates: new Map(rates.map((rate) => [keyOf(rate), rate])),
    settleCurrencies: new Map(
      listed.map(({ instrument }) => [keyOf(instrument), instrument.settleCurrency]),
    ),
  };
}

export function describeHedge(
  context: PipelineContext,
  hedge: Hedge,
  moment: MarketMoment,
): { readonly view: HedgeView; readonly money: HedgeMoney } {
  const money = moneyOf(context, hedge, moment);
  return { money, view: hedgeView(hedge, money, (leg) => legMarket(leg, moment)) };
}

export function moneyOf(
  { store, totals, clock }: PipelineContext,
  hedge: Hedge,
  moment: MarketMoment,
): HedgeMoney {
  const entries = totals.ofHedge(hedge.id);
  const markOf = (leg: HedgeLeg) => legMarket(leg, moment).markPrice;
  const { legs } = withoutLeftovers(hedge);
  const pnl = profitAndLoss(entries, legs, markOf);
  const split = pnl && splitResult(pnl, legs, store.listFills(hedge.id), markOf);
  const total = (kind: "funding" | "fee") =>
    usd(sum(entries.filter((entry) => entry.kind === kind).map((entry) => entry.amountUsd)));
  const held = hedge.legs.filter((leg) => !leg.heldBase.eq(ZERO));
  const known = held.flatMap((leg) => accruing(leg, moment, clock.marketNow()) ?? []);
  return {
    pnl: pnl && split && { ...pnl, ...split },
    fundingUsd: total("funding"),
    feesUsd: total("fee"),
    // Only for the eye: what is cash is in the books.
    fundingEstimateUsd: known.length === held.length ? accruedEstimate(known).accrued : null,
    costsUsd: plannedCosts({ store }, hedge),
    paidBackAt: paidBackAt({ store }, hedge),
  };
}

/** A leg since its last settlement; null where its rate or mark is unknown. */
function accruing(leg: HedgeLeg, moment: MarketMoment, marketNow: EpochMs): AccruingLeg | null {
  const funding = moment.rates.get(keyOf(leg));
  const refPrice = legMarket(leg, moment).markPrice;
  if (!funding || !refPrice) return null;
  const { rate, intervalHours, fundingAt } = funding;
  const left = decFromInteger(fundingAt - marketNow).div(decFromInteger(HOUR_MS));
  const elapsedHours = minOf(maxOf(intervalHours.minus(left), ZERO), intervalHours);
  return { side: leg.side, sizeBase: leg.heldBase, refPrice, rate, intervalHours, elapsedHours };
}

/** Coins that a closed hedge left in a wallet are less than an order: a cost, not something that is held. */
export function withoutLeftovers(hedge: Hedge): Hedge {
  if (hedge.phase !== "closed") return hedge;
  const [a, b] = hedge.legs;
  const empty = (leg: HedgeLeg) =>
    isSpotSymbol(leg.symbol) ? { ...leg, heldBase: baseSize(ZERO) } : leg;
  return { ...hedge, legs: [empty(a), empty(b)] };
}

/** The result at the marks that a card shows before closing; null when a mark is missing. */
export function pnlAtMark(context: PipelineContext, hedge: Hedge, marks: readonly Price[]) {
  const entries = context.totals.ofHedge(hedge.id);
  return profitAndLoss(entries, hedge.legs, (leg) => marks[leg.index] ?? null);
}

export function legMarket(leg: HedgeLeg, moment: MarketMoment): LegMarket {
  const position = moment.positions.get(keyOf(leg));
  return {
    markPrice: position?.markPrice ?? null,
    liquidationPrice: position?.liquidationPrice ?? null,
  };
}

function keyOf(one: { readonly venue: string; readonly symbol: string }): string {
  return `${one.venue}:${one.symbol}`;
}
