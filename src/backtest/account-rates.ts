import { type Decimal, decFromInteger } from "#src/core/decimal.ts";
import type { CarrySeries } from "./carry-series.ts";
import { fromUnits, roundTripRate, type TradeCosts, unitCosts } from "./trade-costs.ts";

/** One position from its opening to its closing, as fractions of one leg's notional. */
export interface PositionResult {
  readonly direction: number;
  /** Steps after which it was opened and closed. */
  readonly opened: number;
  readonly closed: number;
  readonly funding: Decimal;
  readonly costs: Decimal;
  readonly net: Decimal;
}

/** What a run earned in rates: exact fractions of one leg's notional. */
export interface RateAccount {
  readonly funding: Decimal;
  readonly fees: Decimal;
  readonly slippage: Decimal;
  readonly borrow: Decimal;
  readonly net: Decimal;
  readonly entries: number;
  readonly stepsHeld: number;
  /** Deepest fall of the summed result from its peak; the sum begins at 0. */
  readonly maxDrawdown: Decimal;
  /** Units of funding and of the whole result in every step. */
  readonly fundingSteps: Float64Array;
  readonly netSteps: Float64Array;
  readonly positions: readonly PositionResult[];
  /** What was held after each step. */
  readonly held: Int8Array;
}

interface Closing {
  readonly direction: number;
  readonly opened: number;
  readonly closed: number;
  /** Units of funding. */
  readonly received: number;
}

/** The position held after a step earns the next one; a change costs one side for each leg changed. */
export function accountRates(
  series: CarrySeries,
  positions: Int8Array,
  costs: TradeCosts,
): RateAccount {
  const { carry, places } = series;
  const { side, borrowStep } = unitCosts(series, costs);
  const fundingSteps = new Float64Array(carry.length);
  const netSteps = new Float64Array(carry.length);
  const closings: Closing[] = [];
  let [held, opened, received, funding] = [0, 0, 0, 0];
  let [sides, entries, stepsHeld, borrowed] = [0, 0, 0, 0];
  for (let step = 0; step < carry.length; step += 1) {
    const next = positions[step] ?? 0;
    if (held !== 0) {
      const paid = held * (carry[step] ?? 0);
      fundingSteps[step] = paid;
      netSteps[step] = held === -1 ? paid - borrowStep : paid;
      received += paid;
      stepsHeld += 1;
      if (held === -1) borrowed += 1;
    }
    if (next === held) continue;
    const changed = Math.abs(next - held);
    netSteps[step] = (netSteps[step] ?? 0) - changed * side;
    sides += changed;
    // A turn-round ends one position and begins the next in the same step.
    if (held !== 0) closings.push({ direction: held, opened, closed: step, received });
    if (next !== 0) entries += 1;
    funding += received;
    [held, opened, received] = [next, step, 0];
  }
  const turned = decFromInteger(sides);
  const parts = {
    funding: fromUnits(funding, places),
    fees: costs.feeRate.times(turned),
    slippage: costs.slippageRate.times(turned),
    borrow: fromUnits(borrowStep, places).times(decFromInteger(borrowed)),
  };
  return {
    ...parts,
    net: parts.funding.minus(parts.fees).minus(parts.slippage).minus(parts.borrow),
    entries,
    stepsHeld,
    maxDrawdown: deepestFall(netSteps, places),
    fundingSteps,
    netSteps,
    positions: positionResults(closings, series, costs),
    held: positions,
  };
}

/** Counted from the last peak, so it stays small; in bigints should it not. */
function deepestFall(steps: Float64Array, places: number): Decimal {
  let below = 0;
  let deepest = 0;
  for (let step = 0; step < steps.length; step += 1) {
    below -= steps[step] ?? 0;
    if (below < 0) below = 0;
    if (below > deepest) deepest = below;
  }
  return Number.isSafeInteger(deepest) ? fromUnits(deepest, places) : deepFall(steps, places);
}

function deepFall(steps: Float64Array, places: number): Decimal {
  let below = 0n;
  let deepest = 0n;
  for (const step of steps) {
    below -= BigInt(step);
    if (below < 0n) below = 0n;
    if (below > deepest) deepest = below;
  }
  return fromUnits(deepest, places);
}

function positionResults(
  closings: readonly Closing[],
  series: CarrySeries,
  costs: TradeCosts,
): readonly PositionResult[] {
  const interest = fromUnits(unitCosts(series, costs).borrowStep, series.places);
  const roundTrip = roundTripRate(costs);
  return closings.map(({ received, ...position }) => {
    const steps = position.direction === -1 ? position.closed - position.opened : 0;
    const funding = fromUnits(received, series.places);
    const paid = steps === 0 ? roundTrip : roundTrip.plus(interest.times(decFromInteger(steps)));
    return { ...position, funding, costs: paid, net: funding.minus(paid) };
  });
}
