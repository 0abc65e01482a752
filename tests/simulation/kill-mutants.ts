import { availableParallelism } from "node:os";
import { MUTANTS } from "./mutants.ts";
import { partsOf } from "./parallel.ts";
import type { Failure } from "./tally.ts";

export interface MutantVerdict {
  readonly name: string;
  /** The schedule that failed first; null: it survived. */
  readonly killedBy: Failure | null;
  readonly schedules: number;
}

const PLUGIN = new URL("./mutant-plugin.ts", import.meta.url).pathname;

/**
 * Runs every mutant until a schedule fails, at most `limit` schedules each, as many at once as there are cores.
 * The search begins at `from`, or where the mutant says.
 */
export async function killMutants(from: number, limit: number): Promise<readonly MutantVerdict[]> {
  const verdicts: MutantVerdict[] = [];
  let next = 0;
  const work = async () => {
    for (let index = next++; index < MUTANTS.length; index = next++) {
      verdicts[index] = await killMutant(index, from, limit);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return verdicts;
}

async function killMutant(index: number, from: number, limit: number): Promise<MutantVerdict> {
  const { name, seed } = MUTANTS[index] ?? { name: "" };
  let schedules = 0;
  let killedBy: Failure | null = null;
  const task = { kind: "untilBroken", from: seed ?? from, count: limit } as const;
  for await (const part of partsOf(task, [PLUGIN], [`--mutant=${index}`])) {
    schedules += part.schedules;
    killedBy ??= part.failures[0] ?? null;
  }
  return { name, killedBy, schedules };
}
