import { expect, test } from "bun:test";
import { formatTable } from "#src/reports/format.ts";
import { catchMutants } from "./catch-mutants.ts";
import { CUNNING, type PartReport, runParts } from "./parts.ts";
import { runPart } from "./run-part.ts";

const CALLS = 12_000;
const MUTANT_LIMIT = 10_000;
const MINUTE = 60_000;

test(
  `of ${CALLS} calls of a hostile model none moves more than the owner allowed`,
  async () => {
    const reports: PartReport[] = [];
    await runParts({ seed: 1, calls: CALLS }, (report) => void reports.push(report));
    expect(
      reports.flatMap(({ part, violation }) => (violation ? [{ part, violation }] : [])),
    ).toEqual([]);
    const sum = (of: (one: PartReport) => number) =>
      reports.reduce((total, one) => total + of(one), 0);
    expect(sum((one) => one.calls)).toBe(CALLS);
    // It did get the owner to open something, again and again, and coins both ways.
    expect(sum((one) => one.openings)).toBeGreaterThan(150);
    expect(sum((one) => one.bought)).toBeGreaterThan(5);
    expect(sum((one) => one.borrowed)).toBeGreaterThan(10);
  },
  5 * MINUTE,
);

test(
  "every defect between a model and an order is found",
  async () => {
    const verdicts = await catchMutants(MUTANT_LIMIT);
    const rows = verdicts.map(({ name, caught, calls }) => [
      caught ? caught.rule : "SURVIVED",
      `${calls}`,
      name,
    ]);
    process.stdout.write(`${formatTable([["caught as", "calls", "defect"], ...rows])}\n`);
    expect(verdicts.filter((one) => one.caught === null).map((one) => one.name)).toEqual([]);
    expect(verdicts.length).toBeGreaterThanOrEqual(67);
  },
  5 * MINUTE,
);

test(
  "a part is the same story on the database as in memory, and when it is told again",
  async () => {
    for (const seed of [3, 4]) {
      const temper = { ...CUNNING, spot: seed === 4 };
      const told = await runPart(seed, 300, temper);
      expect(told.openings).toBeGreaterThan(0);
      expect(await runPart(seed, 300, temper)).toEqual(told);
      expect(await runPart(seed, 300, { ...temper, store: "sqlite" })).toEqual(told);
    }
  },
  MINUTE,
);

test("the command says in one line what it does not understand", async () => {
  const command = [process.execPath, "tests/hostile/hostile.ts", "--calls", "many"];
  const child = Bun.spawnSync(command, { stdout: "pipe", stderr: "pipe" });
  expect(child.exitCode).toBe(2);
  expect(child.stderr.toString()).toStartWith("--calls and --seed must be whole numbers");
});
