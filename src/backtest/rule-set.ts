import { type Decimal, dec, decFromInteger, ONE } from "#src/core/decimal.ts";
import { qualifyShortSpot } from "#src/core/figures/borrow.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import type { Side } from "#src/core/hedge.ts";
import { judgeWindow, type StampedLeg } from "#src/core/rules/entry-window.ts";
import { exitOnSpread } from "#src/core/rules/exit-rule.ts";
import { type EpochMs, rate } from "#src/core/units.ts";
import { scoreOpportunity } from "#src/opportunities/score-opportunity.ts";
import type { CarrySeries, LegStamps } from "./carry-series.ts";
import { payingDirection } from "./plain-rules.ts";
import { fromUnits, type TradeCosts, unitsAtLeast } from "./trade-costs.ts";
import {
  type Direction,
  type Rule,
  type RuleRun,
  type View,
  type Wish,
  walkSeries,
} from "./walk-series.ts";

/** How often the market is looked at. */
const SCAN_MS = 300_000;

/** The bot's own parameters for one pair; rates are per 8 h, hours are whole. */
export interface RuleSet {
  readonly lookbackHours: number;
  readonly horizonHours: number;
  readonly costMultiple: Decimal;
  /** One leg's notional: the floor on the current spread rises with it. */
  readonly sizeUsd: Decimal;
  readonly seed2Base: Decimal;
  readonly seed2Per10k: Decimal;
  /** Least funding of a perp that is hedged with spot. */
  readonly minFunding8h: Decimal;
  readonly minNetAprOnCapital: Decimal;
  /** The gate expects leaving to slip so much more than entering. */
  readonly exitSlipMultiple: Decimal;
  readonly exitTrailingHours: number;
  readonly negativeTolerance8h: Decimal;
  /** After a closing, before the pair may be opened again. */
  readonly cooldownHours: number;
  /** Open only so many minutes before the payment to us, where hours are recorded; null: at any time. */
  readonly window: { readonly minMinutes: number; readonly maxMinutes: number } | null;
  /** What is taken for the spread of the moment: the last settled one, or the one that settles next. */
  readonly sees: "settled" | "upcoming";
  /** Funding must pay what borrowing costs so often before coins are borrowed. */
  readonly borrowSafety: Decimal;
  /**
   * What the gate takes for a round trip after a step, as a fraction of one leg's notional and never below the
   * fees: by that moment's own books. Null where no books are recorded: the costs of the run.
   */
  readonly quotedCost: ((to: 1 | -1, at: EpochMs) => Decimal) | null;
}

/** The bot's own rules under the name that people and files use. */
export function ruleSetRule(rules: RuleSet): Rule {
  return { name: "rules", run: (series, costs) => runRuleSet(series, costs, rules) };
}

/**
 * The bot's rules over a series: the same gate, floors and exit, step by step, with what each decision
 * stood on. A step's choice knows nothing that was not known at its end.
 */
export function runRuleSet(series: CarrySeries, costs: TradeCosts, rules: RuleSet): RuleRun {
  const refused = new Map<string, number>();
  const least = gateUnits(series, costs, rules);
  const most = unitsAtLeast(rules.negativeTolerance8h, series.places);
  const cooldown = rules.cooldownHours / series.stepHours;
  let closedAt = Number.NEGATIVE_INFINITY;
  const run = walkSeries(series, costs, (view, step, held) => {
    if (held !== 0) {
      const wish = leave(view, step, held, rules, most);
      if (wish) closedAt = step;
      return wish;
    }
    const answer = step - closedAt < cooldown ? "COOLING_DOWN" : enter(view, step, rules, least);
    if (typeof answer !== "string") return answer;
    refused.set(answer, (refused.get(answer) ?? 0) + 1);
    return null;
  });
  return { ...run, refused };
}

/** The sum that one step of the trailing window must bring; whole units, so most steps are told fast. */
function gateUnits(series: CarrySeries, costs: TradeCosts, rules: RuleSet) {
  // Quoted costs are asked for only where the fees alone would be paid.
  const lowest = rules.quotedCost ? costs.feeRate.times("2") : expectedCost(costs, rules);
  const perHour = lowest.times(rules.costMultiple).div(decFromInteger(rules.horizonHours));
  const perStep = perHour.times(decFromInteger(series.stepHours));
  const whole = stepsOf(series, rules.lookbackHours);
  // A unit less, because the quotient is rounded: what passes here is judged exactly below.
  const need = (steps: number) =>
    unitsAtLeast(perStep.times(decFromInteger(steps)), series.places) - 1;
  const full = need(whole);
  return (steps: number) => (steps === whole ? full : need(steps));
}

/** Of a round trip, as the gate sees it beforehand. */
function expectedCost(costs: TradeCosts, { exitSlipMultiple }: RuleSet): Decimal {
  const slippage = costs.slippageRate.times(exitSlipMultiple.plus(ONE));
  return costs.feeRate.times("2").plus(slippage);
}

function enter(
  view: View,
  step: number,
  rules: RuleSet,
  least: (steps: number) => number,
): Wish | string {
  const { series, costs } = view;
  const window = knownSteps(series, step, rules.lookbackHours);
  if (window === null) return "HISTORY_TOO_SHORT";
  const direction = payingDirection(view, step, window);
  const total = view.received(direction, step, window);
  if (direction === 0 || total < least(window)) return "CARRY_BELOW_COST";
  const current = currentUnits(view, step, direction, rules);
  const trailing = perHour(total, window * series.stepHours, series);
  const spot = series.second.kind === "spot";
  const quoted = rules.quotedCost?.(direction, series.endAt[step] ?? 0);
  const score = scoreOpportunity(
    {
      currentPerHour: perHour(current, 8, series),
      trailingPerHour: trailing,
      costRate: rate(quoted ?? expectedCost(costs, rules)),
      sizeUsd: rules.sizeUsd,
    },
    {
      horizonHours: decFromInteger(rules.horizonHours),
      costMultiple: rules.costMultiple,
      seed2Base: rules.seed2Base,
      seed2Per10k: rules.seed2Per10k,
      minNetAprOnCapital: rules.minNetAprOnCapital,
      exitSlipMultiple: rules.exitSlipMultiple,
    },
  );
  if (score.reason) return score.reason;
  if (spot && fundingBelow(view, step, rules)) return "FUNDING_BELOW_FLOOR";
  if (spot && direction === -1 && !borrowPays(view, step, rules)) return "BORROW_ABOVE_FUNDING";
  if (!windowOpens(series, step, direction, rules)) return "WAITS_FOR_WINDOW";
  const figures = () => ({
    trailing8h: trailing.times("8"),
    current8h: score.spread8h,
    ...(score.netAprOnCapital ? { netAprOnCapital: score.netAprOnCapital } : {}),
  });
  return {
    to: direction,
    why: "the trailing mean pays the costs, and the market still does",
    figures,
  };
}

function leave(
  view: View,
  step: number,
  held: Direction,
  rules: RuleSet,
  most: number,
): Wish | null {
  const current = currentUnits(view, step, held, rules);
  if (current >= most) return null;
  const { series } = view;
  const window = knownSteps(series, step, rules.exitTrailingHours);
  const trailing = window
    ? perHour(view.received(held, step, window), window * series.stepHours, series).times("8")
    : null;
  const now = fromUnits(current, series.places);
  if (exitOnSpread(now, rules.negativeTolerance8h, trailing) !== "exit") return null;
  const figures = () => ({ current8h: now, ...(trailing ? { trailing8h: trailing } : {}) });
  return { to: 0, why: "the spread and its trailing mean turned against the hedge", figures };
}

/** Null when less than half of the window is known: as much as the bot asks for. */
function knownSteps(series: CarrySeries, step: number, hours: number): number | null {
  const wanted = stepsOf(series, hours);
  const known = Math.min(step + 1, wanted);
  return known * 2 < wanted ? null : known;
}

function stepsOf({ stepHours }: CarrySeries, hours: number): number {
  return Math.max(1, Math.round(hours / stepHours));
}

/** What is taken for the spread of the moment per 8 h, the first leg less the second, in units. */
function seenUnits(series: CarrySeries, step: number, { sees }: RuleSet): number {
  const seen = sees === "upcoming" ? series.upcoming8h : null;
  return (seen ?? series.settled8h)[step] ?? 0;
}

/** The same in a direction, interest taken off. */
function currentUnits(
  { series, units }: View,
  step: number,
  direction: Direction,
  rules: RuleSet,
): number {
  const now = seenUnits(series, step, rules);
  if (direction === 1) return now;
  return -now - (units.borrowStep * 8) / series.stepHours;
}

/** Of the perp alone: its second leg pays nothing. */
function fundingBelow({ series }: View, step: number, rules: RuleSet): boolean {
  const least = unitsAtLeast(rules.minFunding8h, series.places);
  return Math.abs(seenUnits(series, step, rules)) < least;
}

function borrowPays({ series, costs }: View, step: number, rules: RuleSet): boolean {
  if (costs.borrowPerHour === null) return false;
  return qualifyShortSpot({
    fundingRate: fromUnits(seenUnits(series, step, rules), series.places),
    intervalHours: dec("8"),
    borrowPerHour: costs.borrowPerHour,
    safety: rules.borrowSafety,
  }).qualifies;
}

/** Does the window open at any of the scans before the next step ends? Always where steps are longer. */
function windowOpens(
  series: CarrySeries,
  step: number,
  direction: Direction,
  { window, sees }: RuleSet,
): boolean {
  const { stamps, stepHours, endAt, places } = series;
  if (!window || !stamps || stepHours > 1) return true;
  const leg = (of: LegStamps, side: Side): StampedLeg => ({
    side,
    rate: rate(fromUnits((sees === "upcoming" ? of.upcoming : of.settled)[step] ?? 0, places)),
    intervalHours: decFromInteger(of.hours[step] ?? 0),
    fundingAt: of.nextAt[step] ?? 0,
  });
  const legs =
    direction === 1
      ? [leg(stamps.first, "short"), leg(stamps.second, "long")]
      : [leg(stamps.first, "long"), leg(stamps.second, "short")];
  const end = endAt[step] ?? 0;
  for (let now = end; now < end + HOUR_MS; now += SCAN_MS) {
    if (judgeWindow(now, legs, window).isOpen) return true;
  }
  return false;
}

function perHour(units: number, hours: number, { places }: CarrySeries): Decimal {
  return fromUnits(units, places).div(decFromInteger(hours));
}
