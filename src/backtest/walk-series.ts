import type { Decimal } from "#src/core/decimal.ts";
import type { EpochMs } from "#src/core/units.ts";
import { type CarrySeries, runningSums } from "./carry-series.ts";
import { type TradeCosts, type UnitCosts, unitCosts } from "./trade-costs.ts";

/** +1: the first leg short, the second long; −1: the other way round; 0: nothing held. */
export type Direction = 1 | -1 | 0;

/** What a decision stood on, worked out only when somebody asks. */
export type Figures = () => Readonly<Record<string, Decimal>>;

/** A change of position, with what it was decided on. */
export interface Decision {
  readonly step: number;
  readonly at: EpochMs;
  readonly from: Direction;
  readonly to: Direction;
  readonly why: string;
  readonly figures: Figures;
}

export interface RuleRun {
  /** What is held after each step. */
  readonly positions: Int8Array;
  readonly decisions: readonly Decision[];
  /** After how many steps nothing was opened, by reason; only of rules that give one. */
  readonly refused?: ReadonlyMap<string, number>;
}

/** A recorded series as a rule sees it: only what was settled by the step it decides after. */
export interface View {
  readonly series: CarrySeries;
  readonly costs: TradeCosts;
  readonly units: UnitCosts;
  /** Units that `direction` received in the `count` steps up to and with `step`, interest taken off. */
  received(direction: Direction, step: number, count: number): number;
}

export interface Rule {
  readonly name: string;
  run(series: CarrySeries, costs: TradeCosts): RuleRun;
}

/** What a rule wants after a step; `why` and figures only where it changes the position. */
export interface Wish {
  readonly to: Direction;
  readonly why: string;
  readonly figures?: Figures;
}

/** Walks the series once; the last step closes whatever is held. Null from `choose` keeps the position. */
export function walkSeries(
  series: CarrySeries,
  costs: TradeCosts,
  choose: (view: View, step: number, held: Direction) => Wish | null,
): RuleRun {
  const view = viewOf(series, costs);
  const steps = series.carry.length;
  const positions = new Int8Array(steps);
  const decisions: Decision[] = [];
  let held: Direction = 0;
  for (let step = 0; step < steps; step += 1) {
    const wish: Wish | null = step === steps - 1 ? AT_THE_END : choose(view, step, held);
    if (wish && allowed(wish.to, view.units) !== held) {
      const to = allowed(wish.to, view.units);
      const at = series.endAt[step] ?? 0;
      decisions.push({ step, at, from: held, to, why: wish.why, figures: wish.figures ?? NONE });
      held = to;
    }
    positions[step] = held;
  }
  return { positions, decisions };
}

function allowed(to: Direction, { onlyLong }: UnitCosts): Direction {
  return onlyLong && to === -1 ? 0 : to;
}

const NONE: Figures = () => ({});
const AT_THE_END: Wish = { to: 0, why: "the recording ends" };

function viewOf(series: CarrySeries, costs: TradeCosts): View {
  const sums = runningSums(series.carry);
  const units = unitCosts(series, costs);
  return {
    series,
    costs,
    units,
    received(direction, step, count) {
      const total = (sums[step + 1] ?? 0) - (sums[step + 1 - count] ?? 0);
      return direction === -1 ? -total - units.borrowStep * count : direction * total;
    },
  };
}
