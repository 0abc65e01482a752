import { replayedChoices, seededChoices } from "./choices.ts";
import { type CrashPlan, runSchedule } from "./run-schedule.ts";
import { count, type Tally } from "./tally.ts";

const SECOND_POINTS = 40;
const POINTS_A_SEED = 120;

/**
 * Every port call of a calm opening and its watch, before and after its effect; each of the first ones
 * once more with a second crash during the recovery; and the first calls of troubled schedules.
 */
export function* crashPoints(
  seeds: number,
): Generator<{ readonly seed: number; readonly plan: CrashPlan }> {
  const calm = runSchedule(replayedChoices([]), { first: 0, second: 0 }).points;
  for (let first = 1; first <= calm; first += 1) yield { seed: 0, plan: { first, second: 0 } };
  for (let first = 1; first <= Math.min(calm, 60); first += 1) {
    for (let second = 1; second <= SECOND_POINTS; second += 1) {
      yield { seed: 0, plan: { first, second } };
    }
  }
  for (let seed = 1; seed <= seeds; seed += 1) {
    for (let first = 1; first <= POINTS_A_SEED; first += 1) {
      yield { seed, plan: { first, second: first % 3 === 0 ? 1 + (first % SECOND_POINTS) : 0 } };
    }
  }
}

/** Seed 0 is the calm one. */
export function runCrashPoints(tally: Tally, seeds: number): void {
  for (const { seed, plan } of crashPoints(seeds)) {
    const choices = seed === 0 ? replayedChoices([]) : seededChoices(seed);
    count(tally, seed, runSchedule(choices, plan));
  }
}
