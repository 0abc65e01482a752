import { type Decimal, dec, decFromInteger, ZERO } from "#src/core/decimal.ts";
import { entryGate, seed2Threshold } from "#src/core/rules/entry-gate.ts";
import { fromUnits, roundTripRate, unitsAtLeast } from "./trade-costs.ts";
import { type Direction, type Rule, type View, type Wish, walkSeries } from "./walk-series.ts";

/** +1 from the first step to the last: the direction that turned out right is not known beforehand. */
export function holdRule(): Rule {
  return {
    name: "hold",
    run: (series, costs) =>
      walkSeries(series, costs, () => ({ to: 1, why: "held from the first step" })),
  };
}

/** Follows the sign of the last step; nothing paid, nothing changed. */
export function naiveRule(): Rule {
  return {
    name: "naive",
    run: (series, costs) =>
      walkSeries(series, costs, (view, step) => {
        const direction = payingDirection(view, step, 1);
        if (direction !== 0) return { to: direction, why: "the last step paid this way" };
        return view.series.carry[step] === 0 ? null : { to: 0, why: "nothing paid after interest" };
      }),
  };
}

const SEED2_SIZE_USD = dec("10000");
/** The threshold of seed 2 for 10,000 USD, and the spread against us at which it leaves. */
export const SEED2_ENTER: Decimal = seed2Threshold(SEED2_SIZE_USD, dec("0.0001"), dec("0.00001"));
export const SEED2_LEAVE: Decimal = dec("-0.0001");

/** Enters when the last step paid `enter` or more, leaves when it paid less than `leave`. */
export function seed2Rule(enter: Decimal, leave: Decimal): Rule {
  const standard = enter.eq(SEED2_ENTER) && leave.eq(SEED2_LEAVE);
  return {
    name: standard ? "seed2" : `seed2_${enter.toFixed()}_${leave.toFixed()}`,
    run(series, costs) {
      const least = unitsAtLeast(enter, series.places);
      const most = unitsAtLeast(leave, series.places);
      return walkSeries(series, costs, (view, step, held) => {
        const direction = payingDirection(view, step, 1);
        const paid = view.received(held === 0 ? direction : held, step, 1);
        const figures = () => ({ last: fromUnits(paid, series.places) });
        if (held !== 0) {
          return paid < most
            ? { to: 0, why: "the spread turned beyond the tolerance", figures }
            : null;
        }
        return direction !== 0 && paid >= least
          ? { to: direction, why: "the spread is above the threshold", figures }
          : null;
      });
    },
  };
}

/** The sign of the mean of `window` steps, looked at every `every` steps. */
export function trailingRule(window: number, every: number): Rule {
  return {
    name: `trail${window}_${every}`,
    run: (series, costs) =>
      walkSeries(series, costs, (view, step) => {
        const since = step + 1 - window;
        if (since < 0 || since % every !== 0) return null;
        const to = payingDirection(view, step, window);
        return {
          to,
          why: "the sign of the trailing mean",
          figures: () => meanFigure(view, step, window),
        };
      }),
  };
}

export interface GateWindows {
  /** Steps of the trailing mean that enters. */
  readonly lookback: number;
  /** Steps that a position is expected to be held. */
  readonly horizon: number;
  readonly multiple: Decimal;
  /** Steps of the trailing mean that leaves. */
  readonly exitLookback: number;
}

/** The gate of core/entry-gate on every step; leaves when the trailing mean turns against the position. */
export function gatedRule(windows: GateWindows): Rule {
  const { lookback, horizon, multiple, exitLookback } = windows;
  return {
    name: `gated${lookback}_${horizon}_${multiple.toFixed()}_${exitLookback}`,
    run(series, costs) {
      const need = roundTripRate(costs).times(multiple).times(decFromInteger(lookback));
      // A whole-number test that lets everything through which the gate could let through.
      const least = unitsAtLeast(need.div(decFromInteger(horizon)), series.places);
      return walkSeries(series, costs, (view, step, held) => {
        if (held !== 0) return leaveGated(view, step, held, exitLookback);
        if (step + 1 < lookback) return null;
        const direction = payingDirection(view, step, lookback);
        if (direction === 0 || view.received(direction, step, lookback) < least) return null;
        if (view.received(direction, step, 1) <= 0) return null;
        return passGate(view, step, direction, windows);
      });
    },
  };
}

/**
 * The sum instead of the mean, against the cost as many times: the same gate without a division, so that
 * a tie is a tie.
 */
function passGate(
  view: View,
  step: number,
  direction: Direction,
  { lookback, horizon, multiple }: GateWindows,
): Wish | null {
  const { places } = view.series;
  const total = fromUnits(view.received(direction, step, lookback), places);
  const gate = entryGate({
    costRate: roundTripRate(view.costs).times(decFromInteger(lookback)),
    trailingMean8h: total,
    instant8h: fromUnits(view.received(direction, step, 1), places),
    horizonHours: decFromInteger(8 * horizon),
    multiple,
  });
  if (!gate.enter) return null;
  const count = decFromInteger(lookback);
  const figures = () => ({ expected: gate.expected.div(count), need: gate.need.div(count) });
  return { to: direction, why: "the trailing mean pays the costs", figures };
}

function leaveGated(view: View, step: number, held: Direction, window: number): Wish | null {
  if (step + 1 < window || view.received(held, step, window) >= 0) return null;
  const figures = () => meanFigure(view, step, window);
  return { to: 0, why: "the trailing mean turned against the position", figures };
}

/** The direction that received something in the last `count` steps; 0 when neither did. */
export function payingDirection(view: View, step: number, count: number): Direction {
  if (view.received(1, step, count) > 0) return 1;
  return view.received(-1, step, count) > 0 ? -1 : 0;
}

function meanFigure(view: View, step: number, count: number): Readonly<Record<string, Decimal>> {
  const total = fromUnits(view.received(1, step, count), view.series.places);
  return { mean: total.eq(ZERO) ? ZERO : total.div(decFromInteger(count)) };
}
