import { expect, test } from "bun:test";
import { createSandboxClock } from "#src/runtime/system-clock.ts";
import { createMemoryRecords } from "#tests/support/memory-records.ts";

test("time that a full disk cannot keep does not pass, and nobody who asks for it fails", async () => {
  const kept = createMemoryRecords();
  let isFull = false;
  const records = {
    ...kept,
    write(rows: Parameters<typeof kept.write>[0]) {
      if (isFull) throw new Error("database or disk is full");
      kept.write(rows);
    },
  };
  const options = { records, speed: 1_000_000, marketStart: 0 };
  const clock = createSandboxClock(options);
  clock.marketNow();

  isFull = true;
  await Bun.sleep(1_100);
  const stood = clock.marketNow();
  await Bun.sleep(20);
  expect(clock.marketNow()).toBe(stood);

  // Not even a process that was killed just then goes back in time.
  expect(createSandboxClock({ ...options, records: kept }).marketNow()).toBeGreaterThanOrEqual(
    stood,
  );
  isFull = false;
  expect(clock.marketNow()).toBeGreaterThan(stood);
});
