import { type Decimal, minOf } from "#src/core/decimal.ts";
import type { SizeBound } from "#src/core/proposal.ts";
import {
  type AllocationLimits,
  allocationRoom,
  shockLossUsd,
  wantedLeg,
} from "#src/core/rules/allocation.ts";
import type { Snapshot } from "#src/core/snapshot.ts";
import type { NotionalUsd } from "#src/core/units.ts";
import { distanceBound, freeMarginBound, type PoolLeg } from "./pool-bounds.ts";

/** What the guard will hold the plan to. */
export interface HardLimits extends AllocationLimits {
  readonly equityShare: Decimal;
  readonly hardCapUsd: Decimal;
  readonly minLiquidationDistance: Decimal;
}

/** The operator's own limits on a size. */
export interface SizingSettings {
  /** Of the depth inside the slippage cap we take at most this share. */
  readonly depthUseFraction: Decimal;
  /** Of an instrument's open interest one leg is at most this share. */
  readonly oiFraction: Decimal;
  /** A move of the whole market against a leg that the leg must survive, as a fraction. */
  readonly shock: Decimal;
  /** Nothing smaller is opened. */
  readonly minPositionUsd: Decimal;
}

export interface BoundedLeg extends PoolLeg {
  /** On offer inside the slippage cap, for getting in and for getting out. */
  readonly depthUsd: Decimal;
  /** The price that limits are measured at. */
  readonly limitPrice: Decimal;
}

type Pair = readonly [BoundedLeg, BoundedLeg];
type Bounds = Partial<Readonly<Record<SizeBound, Decimal>>>;

/** Every limit on one leg's notional beyond equity share and hard cap, in USD (domain 2.7); short first. */
export function boundSize(
  legs: Pair,
  snapshot: Pick<Snapshot, "portfolio" | "reservedUsd">,
  limits: HardLimits,
  settings: SizingSettings,
  mandateRoomUsd: NotionalUsd | null,
): Bounds {
  const depthUsd = minOf(legs[0].depthUsd, legs[1].depthUsd);
  return {
    depthUsd: depthUsd.times(settings.depthUseFraction),
    freeMargin: freeMarginBound(legs, limits.reserve, snapshot.reservedUsd),
    ...boundIf("liquidationDistance", distanceBound(legs, limits.minLiquidationDistance)),
    ...boundIf("borrowLimit", borrowBound(legs[0])),
    ...boundIf("openInterest", openInterestBound(legs, settings.oiFraction)),
    ...acrossHedges(legs, snapshot.portfolio, limits, settings.shock),
    ...boundIf("mandateRoom", mandateRoomUsd),
  };
}

/** Limits that other hedges have used up in part. */
function acrossHedges(
  legs: Pair,
  portfolio: Snapshot["portfolio"],
  limits: HardLimits,
  shock: Decimal,
): Bounds {
  if (!portfolio) return {};
  const lostUsd = ({ leg, side }: PoolLeg) =>
    shockLossUsd(portfolio, { venue: leg.instrument.venue, side }, shock);
  const [a, b] = legs;
  return {
    ...allocationRoom(portfolio, [wantedLeg(a.leg), wantedLeg(b.leg)], limits),
    ...boundIf("shock", distanceBound(legs, shock, lostUsd)),
  };
}

/** Of the perps that tell it; a venue that does not is bound by the depth of its book alone. */
function openInterestBound(legs: Pair, oiFraction: Decimal): Decimal | null {
  const perps = legs.filter(({ leg }) => leg.instrument.kind === "perp");
  const [first, ...others] = perps.flatMap(({ leg }) => leg.openInterestUsd ?? []);
  return first ? minOf<Decimal>(first, ...others).times(oiFraction) : null;
}

/** What the venue would lend of it, at the price that limits are measured at. */
function borrowBound({ leg: { instrument, borrow }, limitPrice }: BoundedLeg): Decimal | null {
  if (instrument.kind === "perp") return null;
  return borrow?.maxBorrowBase?.times(limitPrice) ?? null;
}

function boundIf(name: SizeBound, limit: Decimal | null): Bounds {
  return limit ? { [name]: limit } : {};
}
