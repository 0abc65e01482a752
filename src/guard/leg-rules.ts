import { type Decimal, isMultipleOf, maxOf, minOf, ONE, sum, ZERO } from "#src/core/decimal.ts";
import { type Denial, denial } from "#src/core/denial.ts";
import { liquidationLevel, maintenanceUsd } from "#src/core/figures/maintenance.ts";
import { distanceLeft } from "#src/core/figures/margin.ts";
import { commonStep, smallestOrderBase } from "#src/core/instrument.ts";
import type { OpenLeg, OpenProposal } from "#src/core/proposal.ts";
import type { LegSnapshot, Snapshot } from "#src/core/snapshot.ts";
import type { TradingState } from "#src/core/trading-state.ts";
import type { EpochMs } from "#src/core/units.ts";
import type { GuardLimits } from "./limits.ts";

/** All that an opening is judged by. `now` is wall time. */
export interface OpenCheck {
  readonly proposal: OpenProposal;
  readonly snapshot: Snapshot;
  readonly tradingState: TradingState;
  readonly limits: GuardLimits;
  readonly now: EpochMs;
}

/** One rule about one leg: null, or why not. */
export type LegRule = (leg: OpenLeg, seen: LegSnapshot, check: OpenCheck) => Denial | null;

export function linearOnly(leg: OpenLeg, { instrument }: LegSnapshot): Denial | null {
  return instrument.linear ? null : denial("INSTRUMENT_NOT_LINEAR", where(leg));
}

export function onLot(leg: OpenLeg, _seen: LegSnapshot, { snapshot }: OpenCheck): Denial | null {
  const [a, b] = snapshot.legs;
  const step = commonStep(a.instrument.lotStepBase, b.instrument.lotStepBase);
  if (isMultipleOf(leg.sizeBase, step)) return null;
  return denial("SIZE_OFF_LOT", {
    ...where(leg),
    sizeBase: leg.sizeBase.toFixed(),
    lotBase: step.toFixed(),
  });
}

export function aboveMinimum(leg: OpenLeg, { instrument, markPrice }: LegSnapshot): Denial | null {
  const notional = leg.sizeBase.times(minOf<Decimal>(markPrice, leg.priceSeen));
  const enough =
    leg.sizeBase.gte(instrument.minSizeBase) && notional.gte(instrument.minNotionalUsd);
  if (enough) return null;
  return denial("SIZE_BELOW_MINIMUM", {
    ...where(leg),
    sizeBase: leg.sizeBase.toFixed(),
    minSizeBase: instrument.minSizeBase.toFixed(),
    minNotionalUsd: instrument.minNotionalUsd.toFixed(),
  });
}

export function withinEquityShare(
  leg: OpenLeg,
  seen: LegSnapshot,
  { snapshot, limits }: OpenCheck,
): Denial | null {
  const smaller = minOf(...equities(snapshot));
  const limit = maxOf<Decimal>(smaller.times(limits.equityShare), ZERO);
  const notional = worstNotional(leg, seen);
  if (notional.lte(limit)) return null;
  return denial("NOTIONAL_EXCEEDS_EQUITY_SHARE", {
    ...where(leg),
    notionalUsd: notional.toFixed(2),
    limitUsd: limit.toFixed(2),
  });
}

export function withinHardCap(
  leg: OpenLeg,
  seen: LegSnapshot,
  { limits }: OpenCheck,
): Denial | null {
  const notional = worstNotional(leg, seen);
  if (notional.lte(limits.hardCapUsd)) return null;
  return denial("NOTIONAL_EXCEEDS_HARD_CAP", {
    ...where(leg),
    notionalUsd: notional.toFixed(2),
    limitUsd: limits.hardCapUsd.toFixed(2),
  });
}

export function leverageWithin(
  leg: OpenLeg,
  { leverage, instrument }: LegSnapshot,
  { limits }: OpenCheck,
): Denial | null {
  const most = instrument.kind === "spot" ? ONE : limits.maxLeverage;
  const limit = minOf(most, instrument.maxLeverage);
  if (leverage.gt(ZERO) && leverage.lte(limit)) return null;
  return denial("LEVERAGE_EXCEEDS_LIMIT", {
    ...where(leg),
    leverage: leverage.toFixed(),
    limit: limit.toFixed(),
  });
}

export function marginSufficient(leg: OpenLeg, seen: LegSnapshot, check: OpenCheck): Denial | null {
  const both = [{ leg, seen }, ...besideIn(check, leg)];
  if (both.some((one) => !one.seen.leverage.gt(ZERO))) return null; // leverageWithin says it
  const reserved = check.snapshot.reservedUsd.get(leg.venue) ?? ZERO;
  const margins = both.map((one) => worstNotional(one.leg, one.seen).div(one.seen.leverage));
  const needed = sum([...margins, reserved]);
  if (needed.lte(seen.account.freeCollateralUsd)) return null;
  return denial("MARGIN_INSUFFICIENT", {
    ...where(leg),
    neededUsd: needed.toFixed(2),
    freeUsd: seen.account.freeCollateralUsd.toFixed(2),
  });
}

export function liquidationFar(leg: OpenLeg, seen: LegSnapshot, check: OpenCheck): Denial | null {
  // Nobody liquidates coins that are paid for.
  if (seen.instrument.kind === "spot" && leg.side === "long") return null;
  const { limits } = check;
  const tiedUp = sum(besideIn(check, leg).map(keptFromUse));
  const level = liquidationLevel({
    side: leg.side,
    sizeBase: leg.sizeBase,
    markPrice: seen.markPrice,
    equityUsd: seen.account.equityUsd.minus(tiedUp),
    otherMaintenanceUsd: seen.account.maintenanceUsd,
    maintenance: seen.instrument,
  });
  const distance = distanceLeft(leg.side, seen.markPrice, level);
  if (distance.gte(limits.minLiquidationDistance)) return null;
  return denial("LIQUIDATION_TOO_NEAR", {
    ...where(leg),
    distance: distance.toFixed(4),
    least: limits.minLiquidationDistance.toFixed(),
  });
}

export function noOtherPosition(leg: OpenLeg, seen: LegSnapshot): Denial | null {
  const { positionBase, instrument, markPrice } = seen;
  // Of spot less than any order stays in the wallet: that is nobody's position. But coins that are bought onto a
  // debt pay it off first, and would be fewer than the hedge's books say.
  const isLeftover =
    instrument.kind === "spot" &&
    positionBase.abs().lt(smallestOrderBase(instrument, markPrice)) &&
    (leg.side === "short" || positionBase.gte(ZERO));
  if (positionBase.eq(ZERO) || isLeftover) return null;
  return denial("POSITION_UNEXPECTED", { ...where(leg), positionBase: positionBase.toFixed() });
}

interface Beside {
  readonly leg: OpenLeg;
  readonly seen: LegSnapshot;
}

/** The other leg, where both draw on one balance: then what they need adds up. */
function besideIn({ proposal, snapshot }: OpenCheck, leg: OpenLeg): readonly Beside[] {
  const [own, other] = proposal.legs[0] === leg ? ([0, 1] as const) : ([1, 0] as const);
  const [mine, its] = [snapshot.legs[own].account, snapshot.legs[other].account];
  const isOnePool = mine.venue === its.venue && mine.wallet === its.wallet;
  return isOnePool ? [{ leg: proposal.legs[other], seen: snapshot.legs[other] }] : [];
}

/**
 * What a leg keeps of a shared balance from backing the other: coins their whole price, as if the venue lent
 * nothing on them; anything else its maintenance.
 */
function keptFromUse({ leg, seen }: Beside): Decimal {
  const isBought = seen.instrument.kind === "spot" && leg.side === "long";
  if (isBought) return worstNotional(leg, seen);
  return maintenanceUsd(seen.instrument, leg.sizeBase, worstPrice(leg, seen));
}

/** At the dearer of the mark and the worst price that we accept, so that a move cannot beat a limit. */
export function worstNotional(leg: OpenLeg, seen: LegSnapshot): Decimal {
  return leg.sizeBase.times(worstPrice(leg, seen));
}

function worstPrice(leg: OpenLeg, seen: LegSnapshot): Decimal {
  return maxOf<Decimal>(seen.markPrice, leg.collarPrice);
}

function equities(snapshot: Snapshot): readonly [Decimal, Decimal] {
  return [snapshot.legs[0].account.equityUsd, snapshot.legs[1].account.equityUsd];
}

export function where(leg: OpenLeg): { venue: string; instrument: string } {
  return { venue: leg.venue, instrument: leg.symbol };
}
