import { availableParallelism } from "node:os";
import { z } from "zod";
import { runWorker } from "#tests/support/run-worker.ts";
import type { Task } from "./run-task.ts";
import { addTally, emptyTally, type Tally } from "./tally.ts";

/** Splits a range over the cores; `progress` is told of every part that is done. */
export async function runRange(
  range: { readonly from: number; readonly count: number },
  progress: (done: Tally) => void = () => {},
): Promise<Tally> {
  const cores = Math.max(1, availableParallelism());
  const share = Math.ceil(range.count / cores);
  const tasks = Array.from({ length: cores }, (_, core): Task => {
    const offset = core * share;
    const size = Math.max(0, Math.min(share, range.count - offset));
    return { kind: "range", from: range.from + offset, count: size };
  });
  return runTasks(tasks, progress);
}

/** Each task in a process of its own, all at once. */
export async function runTasks(
  tasks: readonly Task[],
  progress: (done: Tally) => void = () => {},
): Promise<Tally> {
  const total = emptyTally();
  await Promise.all(
    tasks.map(async (task) => {
      for await (const part of partsOf(task)) {
        addTally(total, part);
        progress(total);
      }
    }),
  );
  return total;
}

/** `preload` is loaded before the engine: that is how a mutant gets in. */
export async function* partsOf(
  task: Task,
  preload: readonly string[] = [],
  args: readonly string[] = [],
): AsyncGenerator<Tally> {
  const parts = runWorker(WORK, [JSON.stringify(task), ...args], preload);
  for await (const part of parts) yield tallySchema.parse(part);
}

const WORK = new URL("./work-process.ts", import.meta.url).pathname;

const range = { from: z.number(), count: z.number() };
const taskSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("range"), ...range }),
  z.object({ kind: z.literal("untilBroken"), ...range }),
  z.object({ kind: z.literal("crashPoints"), seeds: z.number() }),
]);

export function parseTask(text: string): Task {
  return taskSchema.parse(JSON.parse(text));
}

const ends = z.object({
  neutral: z.number(),
  flat: z.number(),
  held: z.number(),
  silent: z.number(),
});
const longest = { longestNakedMs: z.number(), longestUntoldMs: z.number() };

/** What our own processes wrote, and what a saved report holds. */
export const tallySchema = z.object({
  ...longest,
  ...{ schedules: z.number(), crashes: z.number(), violations: z.number() },
  ...{ events: z.number(), virtualMs: z.number() },
  faults: z.record(
    z.string(),
    z.object({ ...longest, reached: z.number(), schedules: z.number(), ends }),
  ),
  reasons: z.record(z.string(), z.number()),
  ends,
  failures: z.array(z.object({ seed: z.number(), rule: z.string(), detail: z.string() })),
});
