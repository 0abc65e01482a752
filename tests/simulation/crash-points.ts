import { replayedChoices, seededChoices } from "./choices.ts";
import { type CrashPlan, runSchedule, SHAPES } from "./run-schedule.ts";
import { count, type Tally } from "./tally.ts";

const SECOND_POINTS = 40;
const POINTS_A_SEED = 120;

interface CrashPoint {
  /** 0 for a calm one. */
  readonly seed: number;
  readonly shape: number;
  readonly plan: CrashPlan;
}

/**
 * Every port call of a calm opening and its watch, before and after its effect, of every shape; each of the
 * first ones once more with a second crash during the recovery; and the first calls of troubled schedules.
 */
export function* crashPoints(seeds: number): Generator<CrashPoint> {
  yield* calmPoints(0, 60);
  for (const shape of SPOT_SHAPES) yield* calmPoints(shape, 12);
  for (let seed = 1; seed <= seeds; seed += 1) {
    for (let first = 1; first <= POINTS_A_SEED; first += 1) {
      const second = first % 3 === 0 ? 1 + (first % SECOND_POINTS) : 0;
      yield { seed, shape: 0, plan: { first, second } };
    }
  }
}

const SPOT_SHAPES = SHAPES.flatMap((shape, index) => (shape === "perps" ? [] : [index]));

function* calmPoints(shape: number, twice: number): Generator<CrashPoint> {
  const calm = runSchedule(calmChoices(shape), { first: 0, second: 0 }).points;
  const at = (first: number, second: number) => ({ seed: 0, shape, plan: { first, second } });
  for (let first = 1; first <= calm; first += 1) yield at(first, 0);
  for (let first = 1; first <= Math.min(calm, twice); first += 1) {
    for (let second = 1; second <= SECOND_POINTS; second += 1) yield at(first, second);
  }
}

/** No fault kinds, and what is opened; the benign choice of everything else. */
function calmChoices(shape: number) {
  return replayedChoices([0, shape]);
}

export function runCrashPoints(tally: Tally, seeds: number): void {
  for (const { seed, shape, plan } of crashPoints(seeds)) {
    const choices = seed === 0 ? calmChoices(shape) : seededChoices(seed);
    count(tally, seed, runSchedule(choices, plan));
  }
}
