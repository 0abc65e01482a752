import { describe, expect, test } from "bun:test";
import { signedBase } from "#src/core/units.ts";
import { createWatchedRig } from "#tests/support/watched-rig.ts";

type Rig = Awaited<ReturnType<typeof createWatchedRig>>;

async function openRig(): Promise<Rig> {
  const rig = await createWatchedRig();
  expect(await rig.open()).toBe("opening");
  rig.told();
  return rig;
}

const sizes = (rig: Rig) => rig.hedge().legs.map((leg) => leg.heldBase.toFixed());

describe("a hedge that comes near liquidation", () => {
  test("is told of when it turns yellow, with a transfer that the owner may make, and not again", async () => {
    const rig = await openRig();
    const before = sizes(rig);
    rig.setPrice("1.75");
    await rig.watch();
    const told = rig.told();
    expect(told[0]).toMatch(/margin is yellow\. The short on alpha is 2\d\.\d % from liquidation/);
    expect(told[1]).toMatch(/Transfer proposed .* USD in USDT from beta to alpha/);
    expect(told[1]).toContain("Hedgerow cannot and will not move money; do it at the venue.");
    await rig.watch();
    await rig.watch();
    expect(rig.told()).toEqual([]);
    expect(sizes(rig)).toEqual(before);
  });

  test("is told of once while it stands on the boundary of a band, and when it is clearly green again", async () => {
    const rig = await openRig();
    for (const share of ["1.73", "1.715", "1.73", "1.715", "1.73"]) {
      rig.setPrice(share);
      await rig.watch();
    }
    expect(rig.told().filter((text) => text.includes("margin is"))).toHaveLength(1);
    rig.setPrice("1.4");
    await rig.watch();
    expect(rig.told()).toEqual([expect.stringContaining("margin is green again")]);
  });

  test("is cut on both legs at orange until it is green, stays open, and says what was done", async () => {
    const rig = await openRig();
    const [before = "0"] = sizes(rig);
    rig.setPrice("1.9");
    await rig.watch();
    const [a = "0", b = "1"] = sizes(rig);
    expect(a).toBe(b);
    expect(Number(a)).toBeLessThan(Number(before) * 0.75);
    expect(rig.hedge().phase).toBe("open");
    const told = rig.told();
    expect(told[0]).toContain("margin is orange");
    expect(told[1]).toMatch(/both legs were cut by .* is left on each; it is judged again/);
    await rig.watch();
    expect(rig.told()).toEqual([expect.stringContaining("margin is green again")]);
    expect(sizes(rig)).toEqual([a, b]);
  });

  test("is closed at red without a tap", async () => {
    const rig = await openRig();
    rig.setPrice("2.06");
    await rig.watch();
    expect(rig.hedge().phase).toBe("closed");
    const told = rig.told();
    expect(told[0]).toContain("margin is red");
    expect(told[1]).toContain("was closed because its margin was red");
  });

  test("is judged at once when the price runs, not a minute later", async () => {
    const rig = await openRig();
    await rig.watch();
    rig.setPrice("1.9");
    await rig.pipeline.tend();
    expect(rig.told().join("\n")).toContain("both legs were cut");
  });

  test("is not touched while a venue is silent, and the owner is told that nobody knows", async () => {
    const rig = await openRig();
    const before = sizes(rig);
    const { account } = rig.alpha.account;
    const silent = () => Promise.reject(new Error("503"));
    Object.assign(rig.alpha.account, { account: silent });
    rig.setPrice("1.9");
    await rig.watch();
    expect(rig.told().filter((text) => text.includes("BTC"))).toEqual([]);
    await rig.watch();
    expect(rig.told().join("\n")).toContain("nobody knows how near it is to liquidation on alpha");
    expect(sizes(rig)).toEqual(before);
    Object.assign(rig.alpha.account, { account });
    await rig.watch();
    expect(rig.told().join("\n")).toMatch(/can be read again[\s\S]*both legs were cut/);
  });

  test("is told of while it is under review, too, and left as it is until its books are right", async () => {
    const rig = await openRig();
    const before = sizes(rig);
    const { positions } = rig.beta.account;
    const strange = async () =>
      (await positions()).map((one) => ({
        ...one,
        sizeBase: signedBase(one.sizeBase.times("1.2")),
      }));
    Object.assign(rig.beta.account, { positions: strange });
    for (let round = 0; round < 4; round += 1) {
      rig.clock.jump(15_000);
      await rig.pipeline.tend();
    }
    expect(rig.hedge().phase).toBe("review");
    rig.told();
    rig.setPrice("1.9");
    await rig.watch();
    const told = rig.told().join("\n");
    expect(told).toMatch(/margin is orange\. The short on alpha/);
    expect(told).toContain("nothing is cut or closed by itself");
    expect(sizes(rig)).toEqual(before);
    Object.assign(rig.beta.account, { positions });
    await rig.pipeline.tend();
    await rig.watch();
    expect(rig.told().join("\n")).toContain("both legs were cut");
  });

  test("is left as it is when the other venue takes no orders, and that is said", async () => {
    const rig = await openRig();
    const before = sizes(rig);
    Object.assign(rig.beta.account, { setup: () => Promise.reject(new Error("503")) });
    rig.setPrice("1.9");
    await rig.watch();
    expect(rig.told().join("\n")).toContain("neither leg was touched");
    expect(sizes(rig)).toEqual(before);
    await rig.watch();
    expect(rig.told()).toEqual([]);
  });

  test.each(["long", "short"] as const)("is cut with spot %s too, on both legs", async (spot) => {
    const rig = await createWatchedRig({ spot });
    expect(await rig.open()).toBe("opening");
    const before = sizes(rig);
    rig.setPrice(spot === "long" ? "6.7" : "5.3");
    await rig.watch();
    const [a = "0", b = "1"] = sizes(rig);
    expect(a).toBe(b);
    expect(Number(a)).toBeLessThan(Number(before[0]) * 0.76);
    expect(rig.hedge().legs.some(({ symbol }) => symbol === "BTC-SPOT")).toBe(true);
    await rig.pipeline.tend();
    expect(rig.hedge().phase).toBe("open");
  });

  test("is cut once by two rounds at the same time", async () => {
    const rig = await openRig();
    rig.setPrice("1.9");
    await Promise.all([rig.pipeline.watch(), rig.pipeline.watch()]);
    expect(rig.alpha.placed.filter((one) => one === "buy reduce")).toHaveLength(1);
  });
});
