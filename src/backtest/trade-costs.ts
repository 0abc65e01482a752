import { type Decimal, dec, ZERO } from "#src/core/decimal.ts";
import { OperatorError } from "#src/core/errors.ts";
import type { CarrySeries } from "./carry-series.ts";

/** What trading and holding a pair costs, as fractions of one leg's notional. */
export interface TradeCosts {
  /** Fees of one side: one fill on each leg. A round trip is two sides. */
  readonly feeRate: Decimal;
  /** Slippage of one side, both fills. */
  readonly slippageRate: Decimal;
  /** Interest on coins that are borrowed to be sold; null: nothing can be borrowed. */
  readonly borrowPerHour: Decimal | null;
}

/** The same in a series' own units, so that money is never counted in floats. */
export interface UnitCosts {
  readonly side: number;
  /** Interest of one step at −1; 0 where the second leg is not borrowed. */
  readonly borrowStep: number;
  /** Nobody lends what −1 would have to sell. */
  readonly onlyLong: boolean;
}

export function roundTripRate({ feeRate, slippageRate }: TradeCosts): Decimal {
  return feeRate.plus(slippageRate).times("2");
}

/** Throws an OperatorError when a cost has more decimals than the series' unit. */
export function unitCosts(series: CarrySeries, costs: TradeCosts): UnitCosts {
  const borrows = series.second.kind === "spot";
  const perStep = (costs.borrowPerHour ?? ZERO).times(String(series.stepHours));
  return {
    side: wholeUnits(costs.feeRate.plus(costs.slippageRate), series.places),
    borrowStep: borrows ? wholeUnits(perStep, series.places) : 0,
    onlyLong: borrows && costs.borrowPerHour === null,
  };
}

/** A whole number of units as the fraction that it is. */
export function fromUnits(units: number | bigint, places: number): Decimal {
  return dec(BigInt(units)).times(dec(`1e-${places}`));
}

/** The smallest number of whole units that is not below `rate`. */
export function unitsAtLeast(rate: Decimal, places: number): number {
  const scaled = rate.times(dec(`1e${places}`));
  const floored = scaled.round(0, 0);
  return Number((scaled.gt(floored) ? floored.plus("1") : floored).toFixed(0));
}

function wholeUnits(rate: Decimal, places: number): number {
  const units = rate.times(dec(`1e${places}`));
  if (units.eq(units.round(0, 0))) return Number(units.toFixed(0));
  throw new OperatorError(
    `a cost of ${rate.toFixed()} cannot be counted exactly: give it at most ${places} decimals`,
  );
}
