import { sum, ZERO } from "#src/core/decimal.ts";
import type { FundingRate } from "#src/core/funding.ts";
import type { Hedge, HedgeLeg } from "#src/core/hedge.ts";
import type { Position } from "#src/core/order.ts";
import { type Price, usd } from "#src/core/units.ts";
import { estimateFunding } from "#src/ledger/estimate-funding.ts";
import { profitAndLoss } from "#src/ledger/profit-and-loss.ts";
import { type HedgeMoney, hedgeView, type LegMarket } from "#src/reports/hedge-view.ts";
import type { HedgeView } from "#src/reports/views.ts";
import { ACCOUNTS_GLANCE_MS, type PipelineContext, RATES_GLANCE_MS } from "./context.ts";

/** What the venues say right now about everything that hedges hold. */
export interface MarketMoment {
  readonly positions: ReadonlyMap<string, Position>;
  readonly rates: ReadonlyMap<string, FundingRate>;
}

export async function marketMoment(context: PipelineContext): Promise<MarketMoment> {
  const [{ rates }, accounts] = await Promise.all([
    context.rates(RATES_GLANCE_MS),
    context.accounts(ACCOUNTS_GLANCE_MS),
  ]);
  const positions = accounts.flatMap((one) => one.positions ?? []);
  return {
    positions: new Map(positions.map((position) => [keyOf(position), position])),
    rates: new Map(rates.map((rate) => [keyOf(rate), rate])),
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
  { store, clock }: PipelineContext,
  hedge: Hedge,
  moment: MarketMoment,
): HedgeMoney {
  const entries = store.listLedgerEntries({ hedgeId: hedge.id });
  const pnl = profitAndLoss(entries, hedge.legs, (leg) => legMarket(leg, moment).markPrice);
  const total = (kind: "funding" | "fee") =>
    usd(sum(entries.filter((entry) => entry.kind === kind).map((entry) => entry.amountUsd)));
  const estimates = hedge.legs.map((leg) => {
    if (leg.heldBase.eq(ZERO)) return usd("0");
    const rate = moment.rates.get(keyOf(leg));
    const mark = legMarket(leg, moment).markPrice;
    return rate && mark ? estimateFunding(leg, rate, mark, clock.marketNow()) : null;
  });
  const known = estimates.filter((one) => one !== null);
  return {
    pnl,
    fundingUsd: total("funding"),
    feesUsd: total("fee"),
    fundingEstimateUsd: known.length === estimates.length ? usd(sum(known)) : null,
  };
}

/** The result at the marks that a card shows before closing; null when a mark is missing. */
export function pnlAtMark(context: PipelineContext, hedge: Hedge, marks: readonly Price[]) {
  const entries = context.store.listLedgerEntries({ hedgeId: hedge.id });
  return profitAndLoss(entries, hedge.legs, (leg) => marks[leg.index] ?? null);
}

function legMarket(leg: HedgeLeg, moment: MarketMoment): LegMarket {
  const position = moment.positions.get(keyOf(leg));
  return {
    markPrice: position?.markPrice ?? null,
    liquidationPrice: position?.liquidationPrice ?? null,
  };
}

function keyOf(one: { readonly venue: string; readonly symbol: string }): string {
  return `${one.venue}:${one.symbol}`;
}
