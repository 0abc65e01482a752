import { describe, expect, test } from "bun:test";
import { formatTable } from "#src/reports/format.ts";
import { replayedChoices, seededChoices } from "./choices.ts";
import { crashPoints } from "./crash-points.ts";
import { killMutants } from "./kill-mutants.ts";
import { runTasks } from "./parallel.ts";
import { runSchedule, Schedule } from "./run-schedule.ts";
import { readChoices, shrink, writeChoices } from "./shrink.ts";
import { createSqliteSimStore } from "./sqlite-sim-store.ts";
import { unreached } from "./tally.ts";

const SCHEDULES = 100_000;
const CRASH_SEEDS = 24;
const MUTANT_LIMIT = 100_000;
const MINUTES = 60_000;

describe("the engine under simulation", () => {
  test(
    `keeps its contract in ${SCHEDULES} schedules and at every crash point`,
    async () => {
      const half = SCHEDULES / 2;
      const tally = await runTasks([
        { kind: "range", from: 1, count: half },
        { kind: "range", from: 1 + half, count: half },
        { kind: "crashPoints", seeds: CRASH_SEEDS },
      ]);
      expect(tally.failures).toEqual([]);
      expect(tally.violations).toBe(0);
      expect(tally.schedules).toBeGreaterThanOrEqual(SCHEDULES + 5_000);
      expect([...crashPoints(CRASH_SEEDS)].length).toBeGreaterThanOrEqual(5_000);
      expect(unreached(tally)).toEqual([]);
      expect(tally.ends.silent).toBe(0);
      expect(tally.longestUntoldMs).toBeLessThanOrEqual(60_000);
    },
    5 * MINUTES,
  );

  test(
    "every small defect of it is found",
    async () => {
      const verdicts = await killMutants(1, MUTANT_LIMIT);
      const rows = verdicts.map(({ name, killedBy, schedules }) => [
        killedBy ? `${killedBy.rule} at ${killedBy.seed}` : "SURVIVED",
        `${schedules}`,
        name,
      ]);
      process.stdout.write(`${formatTable([["killed by", "schedules", "defect"], ...rows])}\n`);
      expect(verdicts.filter((one) => one.killedBy === null).map((one) => one.name)).toEqual([]);
      expect(verdicts.length).toBeGreaterThanOrEqual(25);
    },
    5 * MINUTES,
  );

  test(
    "keeps its contract on the real store, file closed and opened at every crash",
    () => {
      let crashes = 0;
      for (let seed = 1; seed <= 150; seed += 1) {
        const store = createSqliteSimStore();
        try {
          const result = runSchedule(seededChoices(seed), null, store);
          crashes += result.crashes;
          expect({ seed, violations: result.violations }).toEqual({ seed, violations: [] });
        } finally {
          store.dispose();
        }
      }
      expect(crashes).toBeGreaterThan(5);
    },
    5 * MINUTES,
  );
});

describe("a schedule", () => {
  test("is the same, bit by bit, when it is played again", () => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const prints = [seededChoices(seed), seededChoices(seed)].map(fingerprint);
      const choices = seededChoices(seed);
      runSchedule(choices);
      prints.push(fingerprint(replayedChoices(choices.taken)));
      expect(new Set(prints).size).toBe(1);
    }
  });

  test("is written as text and read back", () => {
    const { taken } = played(7);
    expect(readChoices(writeChoices(taken))).toEqual([...taken]);
    expect(readChoices("1,two")).toBeNull();
  });

  test("is shrunk to the choices that matter", () => {
    const { taken } = played(11);
    const smallest = shrink([...taken, 900, 0, 900], (list) => list.some((value) => value > 800));
    expect(smallest.filter((value) => value > 0)).toHaveLength(1);
  });
});

function fingerprint(choices: ReturnType<typeof seededChoices>): string {
  const schedule = new Schedule(choices, null);
  schedule.run();
  return schedule.fingerprint();
}

function played(seed: number) {
  const choices = seededChoices(seed);
  runSchedule(choices);
  return choices;
}
