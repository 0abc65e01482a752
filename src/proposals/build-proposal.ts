import { depthWithin, levelsFor, midPrice, type OrderBook, walkBook } from "#src/core/book.ts";
import { type Decimal, maxOf, minOf, ONE, roundToStep } from "#src/core/decimal.ts";
import { liquidationLevel } from "#src/core/figures/maintenance.ts";
import type { Side } from "#src/core/hedge.ts";
import type { Opportunity } from "#src/core/opportunity.ts";
import { closingOrderSide, type OrderSide, openingOrderSide } from "#src/core/order.ts";
import type { OpenLeg, OpenProposal, ProposalSource, SizeBound } from "#src/core/proposal.ts";
import type { LegSnapshot, Snapshot } from "#src/core/snapshot.ts";
import type { UnavailableReason } from "#src/core/unavailable.ts";
import {
  type BaseSize,
  type EpochMs,
  type NotionalUsd,
  notionalUsd,
  type Price,
  price,
  type Rate,
  rate,
} from "#src/core/units.ts";
import type { HardLimits, SizingSettings } from "./bound-size.ts";
import { costsOf, takingBack } from "./plan-costs.ts";
import { keptBeside } from "./pool-bounds.ts";
import { sizeOpening } from "./size-opening.ts";

export interface BuildOptions {
  readonly opportunity: Opportunity;
  /** Short leg first, as in the opportunity. */
  readonly snapshot: Snapshot;
  readonly limits: HardLimits & { readonly maxPriceMove: Decimal };
  readonly sizing: SizingSettings;
  readonly maxSlippage: Decimal;
  /** What getting out in an emergency may cost beyond the best price. */
  readonly emergencySlippage: Decimal;
  readonly exitSlipMultiple: Decimal;
  /** What a mandate leaves; null when none binds. */
  readonly roomUsd: NotionalUsd | null;
  /** What the short leg's price usually is over the long leg's, less one; null when unknown. */
  readonly usualGap: Decimal | null;
  /** Judges the pair at its real cost and size (one leg's notional), and at what it pays now. */
  readonly score: (
    costRate: Rate,
    sizeUsd: Decimal,
    spread8h: Rate,
  ) => {
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
  | {
      readonly ok: false;
      readonly reason: UnavailableReason;
      /** What left too little. */
      readonly boundBy?: SizeBound;
    };

/** A frozen plan: size, both legs, prices seen, worst prices, costs. Pure. */
export function buildOpenProposal(options: BuildOptions): Built {
  const { snapshot, opportunity, now } = options;
  const seen = [
    look(snapshot.legs[0], "short", options),
    look(snapshot.legs[1], "long", options),
  ] as const;
  const [short, long] = seen;
  if (!short || !long) return { ok: false, reason: "DEPTH_TOO_THIN" };
  const sized = sizeOpening(short, long, options);
  if (!sized.ok) return { ok: false, reason: "BELOW_MINIMUM", boundBy: sized.boundBy };
  if (options.source === "scan" && sized.isRemainder) {
    return { ok: false, reason: "REMAINDER_TOO_SMALL", boundBy: sized.boundBy };
  }
  const shortLeg = planLeg(short, long, sized.sizeBase);
  const longLeg = planLeg(long, short, sized.sizeBase);
  if (!shortLeg || !longLeg) return { ok: false, reason: "DEPTH_TOO_THIN" };
  const costs = costsOf(shortLeg, longLeg, options);
  const legs = short.depthUsd.lte(long.depthUsd)
    ? ([shortLeg, longLeg] as const)
    : ([longLeg, shortLeg] as const);
  const sizeUsd = maxOf<Decimal>(shortLeg.notionalUsd, longLeg.notionalUsd);
  const spread8h = rate(perHour(shortLeg).minus(perHour(longLeg)).times("8"));
  const score = options.score(costs.costRate, sizeUsd, spread8h);
  return {
    ok: true,
    proposal: {
      kind: "open",
      id: options.id,
      asset: opportunity.asset,
      source: options.source,
      createdAt: now,
      expiresAt: now + options.lifeMs,
      legs,
      sizeBase: sized.sizeBase,
      boundBy: sized.boundBy,
      costs: { ...costs, secondLegFailsUsd: takingBack(legs[0], options.emergencySlippage) },
      spread8h,
      trailingSpread8h: opportunity.trailingSpread8h,
      aprOnNotional: opportunity.aprOnNotional,
      netAprOnCapital: score.netAprOnCapital,
      breakEvenHours: score.breakEvenHours,
      worthwhile: score.worthwhile,
    },
  };
}

/** What the leg brings into the spread, by the rate that was just read: the look that found it is older. */
function perHour({ fundingRate, intervalHours }: OpenLeg): Decimal {
  return fundingRate.div(intervalHours);
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

function planLeg(own: Seen, other: Seen, sizeBase: BaseSize): OpenLeg | null {
  const { leg, side, orderSide, mid, collar } = own;
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
    // Short spot brings what its loan costs, an hour.
    fundingRate: side === "short" && leg.borrow ? rate(leg.borrow.perHour.neg()) : funding.rate,
    intervalHours: funding.intervalHours,
    fundingAt: funding.fundingAt,
    // Nobody liquidates coins that are paid for.
    liquidationPrice:
      instrument.kind === "spot" && side === "long"
        ? null
        : liquidationLevel({
            ...{ side, sizeBase, markPrice: leg.markPrice },
            equityUsd: account.equityUsd.minus(keptBeside(own, other, sizeBase)),
            otherMaintenanceUsd: account.maintenanceUsd,
            maintenance: instrument,
          }),
  };
}
