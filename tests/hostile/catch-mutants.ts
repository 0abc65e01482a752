import { availableParallelism } from "node:os";
import { HOSTILE_MUTANTS } from "./hostile-mutants.ts";
import { reportsOf } from "./parts.ts";
import type { PartResult } from "./run-part.ts";

export interface MutantVerdict {
  readonly name: string;
  /** Null: it survived. */
  readonly caught: PartResult["violation"];
  readonly calls: number;
}

const PLUGIN = new URL("../simulation/mutant-plugin.ts", import.meta.url).pathname;

/** Plays every defect until the judge finds it, at most `limit` calls each, on all cores. */
export async function catchMutants(limit: number): Promise<readonly MutantVerdict[]> {
  const verdicts: MutantVerdict[] = [];
  let next = 0;
  const work = async () => {
    for (let index = next++; index < HOSTILE_MUTANTS.length; index = next++) {
      verdicts[index] = await catchMutant(index, limit);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return verdicts;
}

async function catchMutant(index: number, limit: number): Promise<MutantVerdict> {
  const { name, seed, spot } = HOSTILE_MUTANTS[index] ?? { name: "", seed: 0, spot: false };
  const share = { seed, calls: limit, first: 0, stride: 1, untilFound: true, spot };
  let calls = 0;
  let caught: PartResult["violation"] = null;
  for await (const report of reportsOf(share, [PLUGIN], [`--hostile-mutant=${index}`])) {
    calls += report.calls;
    caught ??= report.violation;
  }
  return { name, caught, calls };
}
