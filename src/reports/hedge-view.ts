import { type Decimal, maxOf } from "#src/core/decimal.ts";
import type { Hedge, HedgeLeg } from "#src/core/hedge.ts";
import { deltaDrift } from "#src/core/rules/drift.ts";
import { isoTime } from "#src/core/time.ts";
import type { EpochMs, Price, Usd } from "#src/core/units.ts";
import type { PnlView } from "./performance-view.ts";
import type { HedgeView } from "./views.ts";

/** Money of a hedge, worked out by the ledger; null where a mark is missing. */
export interface HedgeMoney {
  readonly pnl: {
    readonly priceUsd: Usd;
    readonly fundingUsd: Usd;
    readonly feesUsd: Usd;
    readonly interestUsd: Usd;
    readonly totalUsd: Usd;
    readonly basisUsd: Usd;
    readonly residualUsd: Usd;
    readonly realisedUsd: Usd;
    readonly unrealisedUsd: Usd;
  } | null;
  /** Known even without marks. */
  readonly fundingUsd: Usd;
  readonly feesUsd: Usd;
  readonly fundingEstimateUsd: Usd | null;
  /** What getting in and out was reckoned to cost; null when that is not kept. */
  readonly costsUsd: Usd | null;
  /** Market time at which funding had paid that; null: not yet. */
  readonly paidBackAt: EpochMs | null;
}

export interface LegMarket {
  readonly markPrice: Price | null;
  readonly liquidationPrice: Price | null;
}

export function hedgeView(
  hedge: Hedge,
  money: HedgeMoney,
  market: (leg: HedgeLeg) => LegMarket,
): HedgeView {
  return {
    id: hedge.id,
    proposalId: hedge.proposalId,
    asset: hedge.asset,
    phase: hedge.phase,
    legs: hedge.legs.map((leg) => {
      const { markPrice, liquidationPrice } = market(leg);
      return {
        venue: leg.venue,
        instrument: leg.symbol,
        side: leg.side,
        sizeBase: leg.heldBase.toFixed(),
        entryPrice: leg.entryPrice?.round(12).toFixed() ?? null,
        markPrice: markPrice?.toFixed() ?? null,
        liquidationPrice: liquidationPrice?.round(8).toFixed() ?? null,
      };
    }),
    driftRatio: deltaDrift(signed(hedge.legs[0]), signed(hedge.legs[1])).drift.round(8).toFixed(),
    notionalUsd: notional(hedge, market)?.toFixed(2) ?? null,
    fundingUsd: money.fundingUsd.toFixed(),
    fundingEstimateUsd: money.fundingEstimateUsd?.round(8).toFixed() ?? null,
    feesUsd: money.feesUsd.neg().toFixed(),
    pnlUsd: money.pnl?.totalUsd.toFixed() ?? null,
    costsUsd: money.costsUsd?.round(8).toFixed() ?? null,
    paidBackAt: money.paidBackAt === null ? null : isoTime(money.paidBackAt),
    openedAt: isoTime(hedge.openedAt),
    closedAt: hedge.closedAt === null ? null : isoTime(hedge.closedAt),
  };
}

export function pnlView(pnl: HedgeMoney["pnl"]): PnlView | null {
  return (
    pnl && {
      priceUsd: pnl.priceUsd.toFixed(),
      fundingUsd: pnl.fundingUsd.toFixed(),
      feesUsd: pnl.feesUsd.toFixed(),
      interestUsd: pnl.interestUsd.toFixed(),
      totalUsd: pnl.totalUsd.toFixed(),
      basisUsd: pnl.basisUsd.toFixed(),
      residualUsd: pnl.residualUsd.toFixed(),
      realisedUsd: pnl.realisedUsd.toFixed(),
      unrealisedUsd: pnl.unrealisedUsd.toFixed(),
    }
  );
}

function notional(hedge: Hedge, market: (leg: HedgeLeg) => LegMarket): Decimal | null {
  const values = hedge.legs.map((leg) => {
    const { markPrice } = market(leg);
    return markPrice ? leg.heldBase.times(markPrice) : null;
  });
  const [a, b] = values;
  return a && b ? maxOf<Decimal>(a, b) : null;
}

function signed(leg: HedgeLeg): Decimal {
  return leg.side === "long" ? leg.heldBase : leg.heldBase.neg();
}
