import { expect, test } from "bun:test";
import fc from "fast-check";
import { createDoorbell } from "#src/scheduler/doorbell.ts";
import { createFakeClock } from "#tests/support/fake-clock.ts";

/** Looks take `tookMs`; when each began. */
function hang(tookMs = 0) {
  const clock = createFakeClock(0);
  const stopping = new AbortController();
  const looks: number[] = [];
  let atOnce = 0;
  let most = 0;
  const bell = createDoorbell({
    clock,
    signal: stopping.signal,
    async answer() {
      looks.push(clock.elapsedMs());
      atOnce += 1;
      most = Math.max(most, atOnce);
      if (tookMs > 0) await clock.sleep(tookMs);
      atOnce -= 1;
    },
  });
  const advance = async (ms: number) => {
    for (let step = 0; step < ms; step += 50) await clock.advance(Math.min(50, ms - step));
  };
  return { clock, bell, looks, advance, stop: () => stopping.abort(), most: () => most };
}

test("a ring is answered at once, and once more a second later: the venue may lag its own stream", async () => {
  const { bell, looks, advance } = hang();
  bell.ring("own");
  await advance(5_000);
  expect(looks).toEqual([0, 1_000]);
});

test("a mark that moved is looked at once", async () => {
  const { bell, looks, advance } = hang();
  bell.ring("price");
  await advance(5_000);
  expect(looks).toEqual([0]);
});

test("the ten messages of one order are a look now, one after it, and one a second later", async () => {
  const { bell, looks, advance } = hang();
  for (let message = 0; message < 10; message += 1) bell.ring("own");
  await advance(5_000);
  expect(looks).toEqual([0, expect.any(Number), 1_000]);
  expect(looks[1]).toBeLessThan(300);
});

test("one look runs at a time, and a ring during it is not lost", async () => {
  const { bell, looks, advance, most } = hang(700);
  bell.ring("price");
  await advance(100);
  bell.ring("price");
  bell.ring("price");
  await advance(5_000);
  expect([looks.length, most()]).toEqual([2, 1]);
  expect(looks[1]).toBeGreaterThanOrEqual(700);
});

test("whoever rings without end is answered less and less often, down to every few seconds", async () => {
  const { bell, looks, clock, advance } = hang();
  for (let step = 0; step < 1_200; step += 1) {
    bell.ring("own");
    await clock.advance(50);
  }
  const lastMinute = looks.filter((at) => at >= 30_000).length;
  expect(looks.length).toBeLessThan(45);
  expect(lastMinute).toBeGreaterThan(5);
  expect(lastMinute).toBeLessThan(12);
  // After a pause it is as quick as before.
  await advance(20_000);
  const before = looks.length;
  bell.ring("own");
  await clock.advance(0);
  expect(looks.length).toBe(before + 1);
});

test("whatever the order of rings, the last one is followed by a look, and looks keep their distance", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat({ max: 3_000 }), { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 0, max: 900 }),
      async (gaps, tookMs) => {
        const { bell, looks, clock, advance, most } = hang(tookMs);
        let lastRing = 0;
        for (const gap of gaps) {
          await advance(gap);
          lastRing = clock.elapsedMs();
          bell.ring("own");
        }
        await advance(10_000);
        expect(looks.some((at) => at >= lastRing)).toBe(true);
        expect(most()).toBe(1);
        const apart = looks.slice(1).map((at, index) => at - (looks[index] ?? 0));
        expect(Math.min(...apart, 200)).toBe(200);
      },
    ),
    { numRuns: 60 },
  );
});

test("after the end nothing is looked at, and nothing waits", async () => {
  const { bell, looks, advance, stop } = hang();
  bell.ring("own");
  await advance(100);
  stop();
  await bell.quiet();
  bell.ring("own");
  await advance(5_000);
  expect(looks).toEqual([0]);
});

test("a ring in the very moment in which a look ends is answered", async () => {
  for (let turns = 0; turns < 12; turns += 1) {
    const clock = createFakeClock(0);
    let looks = 0;
    const ringAfter = async () => {
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      bell.ring("price");
    };
    const bell = createDoorbell({
      clock,
      signal: new AbortController().signal,
      async answer() {
        looks += 1;
        if (looks === 1) void ringAfter();
      },
    });
    bell.ring("price");
    for (let step = 0; step < 20; step += 1) await clock.advance(50);
    expect([turns, looks]).toEqual([turns, 2]);
  }
});
