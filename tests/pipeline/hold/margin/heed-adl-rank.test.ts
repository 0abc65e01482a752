import { describe, expect, test } from "bun:test";
import { dec } from "#src/core/decimal.ts";
import { DAY_MS, HOUR_MS } from "#src/core/funding.ts";
import { baseSize } from "#src/core/units.ts";
import { createWatchedRig } from "#tests/support/watched-rig.ts";

type Rig = Awaited<ReturnType<typeof createWatchedRig>>;

async function openRig() {
  const rig = await createWatchedRig();
  expect(await rig.open()).toBe("opening");
  rig.told();
  const { positions } = rig.alpha.account;
  const rank = (adlRank: number) =>
    Object.assign(rig.alpha.account, {
      positions: async () => (await positions()).map((one) => ({ ...one, adlRank })),
    });
  return { rig, rank };
}

const sizes = (rig: Rig) => rig.hedge().legs.map((leg) => leg.heldBase.toFixed());

describe("a leg that would be deleveraged among the first", () => {
  test("is told of, and both legs are cut by a quarter once, reduce-only", async () => {
    const { rig, rank } = await openRig();
    const [before = "0"] = sizes(rig);
    rank(4);
    await rig.watch();
    const [a = "0", b = "1"] = sizes(rig);
    expect(a).toBe(b);
    expect(dec(a).div(before).minus("0.75").abs().lt("0.01")).toBe(true);
    expect(rig.hedge().phase).toBe("open");
    const told = rig.told();
    expect(told).toHaveLength(2);
    expect(told[0]).toMatch(
      /the short on alpha is in place 4 of 5.* Both legs are cut by 25 % now/,
    );
    expect(told[1]).toMatch(/both legs were cut by .*among the first.* before\. .* left on each/);
    const reducing = rig.store.listAttempts({ hedgeId: rig.hedge().id }).slice(2);
    expect(reducing.length).toBeGreaterThan(1);
    expect(reducing.every(({ request }) => request.reduceOnly)).toBe(true);
    rank(5);
    await rig.watch();
    rig.clock.jump(2 * DAY_MS);
    await rig.watch();
    expect(sizes(rig)).toEqual([a, b]);
  });

  test("is told of when it is so no more; within a day it is not cut again, after it is", async () => {
    const { rig, rank } = await openRig();
    rank(4);
    await rig.watch();
    const cut = sizes(rig);
    rig.told();
    rank(3);
    await rig.watch();
    expect(rig.told()).toEqual([expect.stringContaining("no longer among the first")]);
    rank(4);
    await rig.watch();
    expect(rig.told()).toEqual([expect.stringContaining("cut for this less than a day ago")]);
    expect(sizes(rig)).toEqual(cut);
    rig.clock.jump(DAY_MS);
    await rig.watch();
    expect(dec(sizes(rig)[0] ?? "0").lt(cut[0] ?? "0")).toBe(true);
  });

  test("is cut when both venues take orders again, and is not before", async () => {
    const { rig, rank } = await openRig();
    const before = sizes(rig);
    const { setup } = rig.beta.account;
    Object.assign(rig.beta.account, { setup: () => Promise.reject(new Error("503")) });
    rank(5);
    await rig.watch();
    expect(rig.told().join("\n")).toContain("neither leg was touched");
    expect(sizes(rig)).toEqual(before);
    Object.assign(rig.beta.account, { setup });
    await rig.watch();
    expect(sizes(rig)).not.toEqual(before);
  });

  test("stays as it is, told of once, where what a cut leaves could not be closed", async () => {
    const { rig, rank } = await openRig();
    const before = sizes(rig);
    const { instruments } = rig.alpha.data;
    const minSizeBase = baseSize(before[0] ?? "0");
    const coarse = async () => (await instruments()).map((one) => ({ ...one, minSizeBase }));
    Object.assign(rig.alpha.data, { instruments: coarse });
    rig.clock.jump(2 * HOUR_MS);
    rank(5);
    await rig.watch();
    await rig.watch();
    const told = rig.told().filter((text) => text.includes("too small for an order of its own"));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain("It stays open as it is");
    expect(sizes(rig)).toEqual(before);
  });

  test("is left to the bands where they ask for more", async () => {
    const { rig, rank } = await openRig();
    rig.setPrice("2.06");
    rank(5);
    await rig.watch();
    expect(rig.hedge().phase).toBe("closed");
  });
});
