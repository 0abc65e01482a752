import { expect, test } from "bun:test";
import { createWatchedRig } from "#tests/support/watched-rig.ts";

test("an opening that fills less than the smallest hedge stays, equal on both legs, and the owner hears of it", async () => {
  const rig = await createWatchedRig();
  rig.setPrice("0.1");
  const { place } = rig.alpha.trading;
  const thinPlace: typeof place = (order) => {
    rig.market.setDepth("alpha", "0.001");
    return place(order);
  };
  Object.assign(rig.alpha.trading, { place: thinPlace });
  expect(await rig.open()).toBe("opening");
  const [a, b] = rig.hedge().legs.map((leg) => leg.heldBase.toFixed());
  expect([a, rig.hedge().phase]).toEqual([b ?? "", "open"]);
  const told = rig.told().filter((text) => text.includes("was filled"));
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(/of \d+\.\d\d USD a leg only 1\d\.\d\d USD was filled/);
  expect(told[0]).toContain("/close BTC offers to close it");
});

test("one that is large enough is not spoken of", async () => {
  const rig = await createWatchedRig();
  expect(await rig.open()).toBe("opening");
  expect(rig.told().filter((text) => text.includes("was filled"))).toEqual([]);
});
