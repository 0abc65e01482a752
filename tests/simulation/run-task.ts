import { seededChoices } from "./choices.ts";
import { runCrashPoints } from "./crash-points.ts";
import { runSchedule } from "./run-schedule.ts";
import { addTally, count, emptyTally, type Tally } from "./tally.ts";

/** A part of a run, for one core. */
export type Task =
  | { readonly kind: "range"; readonly from: number; readonly count: number }
  /** Stops at the first violation: enough to kill a mutant. */
  | { readonly kind: "untilBroken"; readonly from: number; readonly count: number }
  | { readonly kind: "crashPoints"; readonly seeds: number };

export function runTask(task: Task, progress: (part: Tally) => void): Tally {
  const total = emptyTally();
  if (task.kind === "crashPoints") {
    runCrashPoints(total, task.seeds);
    progress(total);
    return total;
  }
  const { from } = task;
  const to = from + task.count;
  for (let start = from; start < to; start += PART) {
    const part = emptyTally();
    for (let seed = start; seed < Math.min(start + PART, to); seed += 1) {
      count(part, seed, runSchedule(seededChoices(seed)));
      if (task.kind === "untilBroken" && part.violations > 0) break;
    }
    addTally(total, part);
    progress(part);
    if (task.kind === "untilBroken" && total.violations > 0) break;
  }
  return total;
}

const PART = 1_000;
