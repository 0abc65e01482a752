import { describe, expect, test } from "bun:test";
import { createGlance } from "#src/pipeline/look/glance.ts";
import { createFakeClock } from "#tests/support/fake-clock.ts";

function counting(isWhole?: (value: number) => boolean) {
  const clock = createFakeClock();
  let reads = 0;
  const glance = createGlance(
    clock,
    async () => {
      reads += 1;
      return reads;
    },
    isWhole,
  );
  return { clock, glance };
}

describe("a glance", () => {
  test("is one reading for all who ask at once, and for some time after", async () => {
    const { clock, glance } = counting();
    expect(await Promise.all([glance(15_000), glance(0)])).toEqual([1, 1]);
    await clock.advance(14_000);
    expect(await glance(15_000)).toBe(1);
    await clock.advance(1_000);
    expect(await glance(15_000)).toBe(2);
  });

  test("is as old as market time has moved, where that is faster", async () => {
    const { clock, glance } = counting();
    await glance(15_000);
    clock.setMarket(clock.marketNow() + 20_000);
    expect(await glance(15_000)).toBe(2);
  });

  test("with gaps is taken again soon", async () => {
    const { clock, glance } = counting((value) => value !== 1);
    await glance(15_000);
    await clock.advance(3_000);
    expect(await glance(15_000)).toBe(2);
    await clock.advance(3_000);
    expect(await glance(15_000)).toBe(2);
  });

  test("that failed is nobody's answer", async () => {
    const clock = createFakeClock();
    let fails = true;
    const glance = createGlance(clock, async () => {
      if (fails) throw new Error("503");
      return "fine";
    });
    await expect(glance(15_000)).rejects.toThrow("503");
    fails = false;
    expect(await glance(15_000)).toBe("fine");
  });
});
