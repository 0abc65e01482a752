import { expect, test } from "bun:test";
import { startJobs } from "#src/scheduler/start-jobs.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { createFakeClock } from "#tests/support/fake-clock.ts";
import { createIdlePipeline } from "#tests/support/idle-pipeline.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";

const MIDNIGHT = Date.UTC(2026, 0, 5);
const MINUTE = 60_000;

function startedAt(start: number) {
  const clock = createFakeClock(start);
  const pipeline = createIdlePipeline();
  const store = openStore({ path: ":memory:", wallNow: clock.wallNow });
  const schedule = { scanMinutes: 5, watchMinutes: 1, dailySummary: "00:05" };
  const jobs = startJobs({ pipeline, clock, store, log: silentLogger, schedule });
  return { clock, pipeline, store, jobs };
}

test("scans every five minutes of market time, on the slot", async () => {
  const { clock, pipeline, store } = startedAt(MIDNIGHT + MINUTE);
  await clock.advance(3 * MINUTE);
  expect(pipeline.scans).toBe(0);
  await clock.advance(MINUTE);
  expect(pipeline.scans).toBe(1);
  expect(store.getFact("nextScanAt")).toBe(String(MIDNIGHT + 10 * MINUTE));
});

test("runs missed slots once, not once each", async () => {
  const { clock, pipeline } = startedAt(MIDNIGHT + MINUTE);
  await clock.advance(120 * MINUTE);
  expect(pipeline.scans).toBe(1);
});

test("a job that fails runs again at its next slot", async () => {
  const { clock, pipeline } = startedAt(MIDNIGHT + MINUTE);
  const scan = pipeline.scan;
  let tries = 0;
  pipeline.scan = async () => {
    tries += 1;
    if (tries === 1) throw new Error("venue down");
    return scan();
  };
  await clock.advance(5 * MINUTE);
  await clock.advance(5 * MINUTE);
  expect([tries, pipeline.scans]).toEqual([2, 1]);
});

test("measures decisions once an hour, and once after a stop that was longer", async () => {
  const { clock, pipeline } = startedAt(MIDNIGHT);
  let measured = 0;
  pipeline.followUpDecisions = async () => {
    measured += 1;
  };
  for (let minute = 0; minute < 120; minute += 1) await clock.advance(MINUTE);
  expect(measured).toBe(2);
  await clock.advance(600 * MINUTE);
  expect(measured).toBe(3);
});
