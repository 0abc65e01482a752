import { expect, test } from "bun:test";
import { rate } from "#src/core/units.ts";
import { createWatchedRig } from "#tests/support/watched-rig.ts";

test("a book that prices moved past a limit is told of once, and once when it is over", async () => {
  const rig = await createWatchedRig({ venueShare: "0.5" });
  expect(await rig.open()).toBe("opening");
  await rig.watch();
  rig.told();
  rig.setPrice("1.35");
  await rig.watch();
  await rig.watch();
  const told = rig.told();
  expect(told.filter((text) => text.startsWith("Legs on alpha weigh"))).toHaveLength(1);
  expect(told.join("\n")).toContain("To be less dependent on alpha, close a hedge there");
  rig.setPrice("1.25");
  await rig.watch();
  expect(rig.told()).toEqual([]);
  rig.setPrice("1");
  await rig.watch();
  expect(rig.told().join("\n")).toContain("within the limit again");
});

test("another cap of a rate is told of once, and the first one seen is not", async () => {
  const rig = await createWatchedRig();
  expect(await rig.open()).toBe("opening");
  const { data } = rig.alpha;
  const { fundingRates } = data;
  const capAt = async (cap: string) => {
    Object.assign(data, {
      fundingRates: async () =>
        (await fundingRates()).map((one) => ({ ...one, capRate: rate(cap) })),
    });
    rig.clock.jump(600_000);
    await rig.watch();
    return rig.told().join("\n");
  };
  expect(await capAt("0.02")).not.toContain("pays at most");
  expect(await capAt("0.003")).toContain(
    "alpha now pays at most 30.00 bp an interval, before 200.00 bp. The hedge stays open",
  );
  expect(await capAt("0.003")).toBe("");
});

test("another interval and a rate at the cap are told once each, and the exit rule is asked", async () => {
  const rig = await createWatchedRig();
  expect(await rig.open()).toBe("opening");
  await rig.watch();
  rig.told();
  const { data } = rig.alpha;
  const { fundingRates } = data;
  const say = (change: object) => async () =>
    (await fundingRates()).map((one) => ({ ...one, ...change }));
  Object.assign(data, { fundingRates: say({ intervalText: "4h" }) });
  rig.clock.jump(600_000);
  await rig.watch();
  expect(rig.told().join("\n")).toContain("alpha now settles every 4 h, before every 1 h");
  const turned = { intervalText: "4h", rate: rate("-0.003"), capRate: rate("0.003") };
  Object.assign(data, { fundingRates: say(turned) });
  rig.clock.jump(600_000);
  await rig.watch();
  expect(rig.told().join("\n")).toContain("stands at the venue's cap");
  Object.assign(data, { fundingRates });
  rig.clock.jump(600_000);
  await rig.watch();
  const last = rig.told().join("\n");
  expect(last).toContain("below the venue's cap again");
  expect(last).toContain("now settles every 1 h, before every 4 h");
  rig.clock.jump(600_000);
  await rig.watch();
  expect(rig.told()).toEqual([]);
});
