import { depthWithin, levelsFor, midPrice, type OrderBook, walkBook } from "#src/core/book.ts";
import { roundTripFeeUsd } from "#src/core/costs.ts";
import { type Decimal, dec, maxOf, minOf, ONE, roundToStep, ZERO } from "#src/core/decimal.ts";
import type { Side } from "#src/core/hedge.ts";
import { liquidationPrice, maxNotionalForDistance } from "#src/core/margin.ts";
import type { Opportunity } from "#src/core/opportunity.ts";
import { closingOrderSide, type OrderSide, openingOrderSide } from "#src/core/order.ts";
import type { OpenLeg, OpenProposal, ProposalSource } from "#src/core/proposal.ts";
import type { LegSnapshot, Snapshot } from "#src/core/snapshot.ts";
import type { UnavailableReason } from "#src/core/unavailable.ts";
import {
  type BaseSize,
  type EpochMs,
  type NotionalUsd,
  notionalUsd,
  type Price,
  price,
  rate,
  usd,
} from "#src/core/units.ts";
import { sizeHedge, withHeadroom } from "./size-hedge.ts";

/** Of the depth inside the slippage cap we take at most this share. */
const DEPTH_USE = dec("0.25");
/** Of the free collateral this much stays free. */
const MARGIN_RESERVE = dec("0.1");

export interface BuildOptions {
  readonly opportunity: Opportunity;
  /** Short leg first, as in the opportunity. */
  readonly snapshot: Snapshot;
  readonly limits: {
    readonly equityShare: Decimal;
    readonly hardCapUsd: Decimal;
    readonly minLiquidationDistance: Decimal;
    readonly maxPriceMove: Decimal;
  };
  readonly maxSlippage: Decimal;
  readonly exitSlipMultiple: Decimal;
  /** What a mandate leaves; null when none binds. */
  readonly roomUsd: NotionalUsd | null;
  /** Judges the pair at its real cost. */
  readonly score: (costRate: Decimal) => {
    readonly netAprOnCapital: Decimal | null;
    readonly breakEvenHours: Decimal | null;
    readonly worthwhile: boolean;
  };
  readonly id: string;
  readonly source: ProposalSource;
  /** Wall times. */
  readonly now: EpochMs;
  readonly lifeMs: number;
}

type Built =
  | { readonly ok: true; readonly proposal: OpenProposal }
  | { readonly ok: false; readonly reason: UnavailableReason };

/** A frozen plan: size, both legs, prices seen, worst prices, costs. Pure. */
export function buildOpenProposal(options: BuildOptions): Built {
  const { snapshot, opportunity, now } = options;
  const seen = [
    look(snapshot.legs[0], "short", options),
    look(snapshot.legs[1], "long", options),
  ] as const;
  const [short, long] = seen;
  if (!short || !long) return { ok: false, reason: "DEPTH_TOO_THIN" };
  const sized = size(short, long, options);
  if (!sized.ok) return { ok: false, reason: "BELOW_MINIMUM" };
  const shortLeg = planLeg(short, sized.sizeBase);
  const longLeg = planLeg(long, sized.sizeBase);
  if (!shortLeg || !longLeg) return { ok: false, reason: "DEPTH_TOO_THIN" };
  const costs = costsOf(shortLeg, longLeg, options.exitSlipMultiple);
  const score = options.score(costs.costRate);
  const shortIsThinner = short.depthUsd.lte(long.depthUsd);
  return {
    ok: true,
    proposal: {
      kind: "open",
      id: options.id,
      asset: opportunity.asset,
      source: options.source,
      createdAt: now,
      expiresAt: now + options.lifeMs,
      legs: shortIsThinner ? [shortLeg, longLeg] : [longLeg, shortLeg],
      sizeBase: sized.sizeBase,
      boundBy: sized.boundBy,
      costs,
      spread8h: opportunity.spread8h,
      trailingSpread8h: opportunity.trailingSpread8h,
      aprOnNotional: opportunity.aprOnNotional,
      netAprOnCapital: score.netAprOnCapital,
      breakEvenHours: score.breakEvenHours,
      worthwhile: score.worthwhile,
    },
  };
}

interface Seen {
  readonly leg: LegSnapshot;
  readonly side: Side;
  readonly orderSide: OrderSide;
  readonly mid: Price;
  readonly collar: Price;
  /** Limits are measured at this: the dearest that we accept, with room for a move until the tap. */
  readonly limitPrice: Decimal;
  readonly depthUsd: Decimal;
}

function look(leg: LegSnapshot, side: Side, options: BuildOptions): Seen | null {
  const orderSide = openingOrderSide(side);
  const mid = midPrice(leg.book);
  const collar = collarPrice(leg.book, orderSide, options.maxSlippage, leg.instrument.priceTick);
  if (!mid || !collar) return null;
  const depth = minOf(
    depthWithin(leg.book, orderSide, options.maxSlippage),
    depthWithin(leg.book, closingOrderSide(side), options.maxSlippage),
  );
  const dearest = maxOf<Decimal>(mid, leg.markPrice, collar);
  return {
    ...{ leg, side, orderSide, mid, collar },
    limitPrice: dearest.times(ONE.plus(options.limits.maxPriceMove)),
    depthUsd: depth.times(mid),
  };
}

/** The worst price an order of this side may take: `maxSlippage` from the best, on the tick, inside. */
export function collarPrice(
  book: OrderBook,
  side: OrderSide,
  maxSlippage: Decimal,
  tick: Price,
): Price | null {
  const best = levelsFor(book, side)[0]?.price;
  if (!best) return null;
  return side === "buy"
    ? price(roundToStep(best.times(ONE.plus(maxSlippage)), tick, "down"))
    : price(roundToStep(best.times(ONE.minus(maxSlippage)), tick, "up"));
}

function size(short: Seen, long: Seen, { limits, roomUsd }: BuildOptions) {
  const both = [short, long] as const;
  const least = (of: (seen: Seen) => Decimal) => minOf(of(short), of(long));
  const legs = both.map(({ leg, limitPrice }) => ({
    equityUsd: leg.account.equityUsd,
    price: limitPrice,
    lotStepBase: leg.instrument.lotStepBase,
    minSizeBase: leg.instrument.minSizeBase,
    minNotionalUsd: withHeadroom(leg.instrument.minNotionalUsd),
  }));
  const [a, b] = legs;
  if (!a || !b) throw new Error("two legs");
  return sizeHedge({
    legs: [a, b],
    equityShare: limits.equityShare,
    hardCapUsd: limits.hardCapUsd,
    bounds: {
      depthUsd: least((seen) => seen.depthUsd.times(DEPTH_USE)),
      freeMargin: least(({ leg }) =>
        leg.account.freeCollateralUsd.times(leg.leverage).times(ONE.minus(MARGIN_RESERVE)),
      ),
      liquidationDistance: least(({ leg, side }) =>
        maxNotionalForDistance({
          side,
          equityUsd: leg.account.equityUsd,
          otherMaintenanceUsd: leg.account.maintenanceUsd,
          maintenanceRate: leg.instrument.maintenanceRate,
          distance: limits.minLiquidationDistance,
        }),
      ),
      ...(roomUsd ? { mandateRoom: roomUsd } : {}),
    },
  });
}

function planLeg({ leg, side, orderSide, mid, collar }: Seen, sizeBase: BaseSize): OpenLeg | null {
  const walk = walkBook(levelsFor(leg.book, orderSide), sizeBase);
  if (!walk.filled) return null;
  const beyond = orderSide === "buy" ? walk.worstPrice.gt(collar) : walk.worstPrice.lt(collar);
  if (beyond) return null;
  const { instrument, account, funding } = leg;
  return {
    venue: instrument.venue,
    symbol: instrument.symbol,
    asset: instrument.asset,
    side,
    sizeBase,
    priceSeen: mid,
    collarPrice: collar,
    notionalUsd: notionalUsd(sizeBase.times(mid)),
    takerFeeRate: instrument.takerFeeRate,
    slippageRate: rate(walk.vwap.minus(mid).div(mid).abs()),
    fundingRate: funding.rate,
    intervalHours: funding.intervalHours,
    fundingAt: funding.fundingAt,
    liquidationPrice: liquidationPrice({
      ...{ side, sizeBase, markPrice: leg.markPrice },
      equityUsd: account.equityUsd,
      otherMaintenanceUsd: account.maintenanceUsd,
      maintenanceRate: instrument.maintenanceRate,
    }),
  };
}

function costsOf(short: OpenLeg, long: OpenLeg, exitSlipMultiple: Decimal) {
  const size = short.sizeBase;
  const fees = {
    shortIn: short.takerFeeRate,
    longIn: long.takerFeeRate,
    shortOut: short.takerFeeRate,
    longOut: long.takerFeeRate,
  };
  const prices = {
    shortIn: short.priceSeen,
    longIn: long.priceSeen,
    shortOut: short.priceSeen,
    longOut: long.priceSeen,
  };
  const feesUsd = roundTripFeeUsd(size, prices, fees);
  const slipInUsd = short.slippageRate
    .times(short.notionalUsd)
    .plus(long.slippageRate.times(long.notionalUsd));
  const slippageUsd = usd(slipInUsd.times(exitSlipMultiple.plus("1")));
  // Selling below what we buy at costs when the gap closes; the other way round is not counted on.
  const adverseUsd = maxOf(long.priceSeen.minus(short.priceSeen).times(size), ZERO);
  const costRate = rate(
    feesUsd.plus(slippageUsd).plus(adverseUsd).div(maxOf(short.notionalUsd, long.notionalUsd)),
  );
  return { feesUsd, slippageUsd, costRate };
}
