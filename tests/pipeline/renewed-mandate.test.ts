import { expect, test } from "bun:test";
import { DAY_MS } from "#src/core/funding.ts";
import { createDecidingRig } from "#tests/support/deciding-rig.ts";

test.each([
  ["closes what an earlier one opened", {}, "closed"],
  ["leaves to its owner what it does not cover", { assets: ["BBB"] }, "open"],
] as const)("a renewed mandate %s", async (_, bounds, phase) => {
  const rig = await createDecidingRig({ assets: { AAA: "0.0003" } });
  rig.arm();
  await rig.pipeline.scan();
  expect(rig.hedges()).toEqual(["AAA open"]);

  rig.pipeline.revokeMandate("test");
  rig.arm({ id: "M-2", ...bounds });
  rig.market.setRate("AAA", "-0.01");
  rig.clock.jump(2 * DAY_MS);
  await rig.pipeline.scan();
  expect(rig.hedges()).toEqual([`AAA ${phase}`]);
});
