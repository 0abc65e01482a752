import { expect, test } from "bun:test";
import { HOUR_MS } from "#src/core/funding.ts";
import { notionalUsd } from "#src/core/units.ts";
import { describeToolResult } from "#src/llm/describe-tool-result.ts";
import { startCooldown } from "#src/pipeline/hold/stops/cooldown.ts";
import { sayBest } from "#src/telegram/say-best.ts";
import { createDecidingRig } from "#tests/support/deciding-rig.ts";

type Rig = Awaited<ReturnType<typeof createDecidingRig>>;

/** What scans said of opening this asset, oldest first. */
function said({ store }: Rig, asset: string): readonly string[] {
  const own = store.listDecisions({ asset, limit: 100 }).filter(({ kind }) => kind === "open");
  return own.map(({ outcome }) => outcome).toReversed();
}

const whyNot = ({ pipeline }: Rig, asset: string) =>
  describeToolResult(
    "explain_decision",
    JSON.stringify({ asset, decisions: pipeline.explain(asset) }),
  );

/** Three that are worth doing, at 10:30 with payments every hour: any minute but those around them. */
const ASSETS = { AAA: "0.0004", BBB: "0.0003", CCC: "0.0002" };

test("what is held, or has no room, is not said to wait for its minutes", async () => {
  const rig = await createDecidingRig({ assets: ASSETS });
  rig.arm({ opensPerDay: 2 });
  await rig.pipeline.scan();
  expect(rig.hedges()).toEqual(["AAA open", "BBB open"]);

  expect((await sayBest(rig.pipeline)).text).toContain(
    "The mandate does not open it: the mandate's openings of today are used up",
  );

  // Half a minute before a payment nothing opens alone.
  rig.clock.jump(HOUR_MS / 2 - 30_000);
  await rig.pipeline.scan();

  expect(["AAA", "BBB", "CCC"].map((asset) => said(rig, asset))).toEqual([[], [], []]);
  expect(whyNot(rig, "AAA")).toContain("there is already a hedge on AAA");
  expect(whyNot(rig, "CCC")).toContain(
    "openings of today are used up; it opens again after midnight UTC",
  );
});

test("what nothing but the minute holds back is said to wait, once", async () => {
  const rig = await createDecidingRig({ assets: { AAA: "0.0004" } });
  rig.arm();
  rig.clock.jump(HOUR_MS / 2 - 30_000);
  await rig.pipeline.scan();
  await rig.pipeline.scan();
  expect(said(rig, "AAA")).toEqual(["WAITS_FOR_WINDOW"]);
});

test("the same denial at scan after scan is written down once, with its reason", async () => {
  const rig = await createDecidingRig({ assets: { AAA: "0.0004" } });
  rig.arm();
  const until = rig.clock.marketNow() + HOUR_MS;
  rig.store.transaction(() => startCooldown(rig, "AAA", until));
  for (let scan = 0; scan < 3; scan += 1) {
    await rig.pipeline.scan();
    rig.clock.jump(5 * 60_000);
  }
  expect(said(rig, "AAA")).toEqual(["denied"]);
  expect(whyNot(rig, "AAA")).toContain("the asset cools down");
});

const LARGE = { assets: ASSETS, hardCapUsd: "2000" };
const large = (totalUsd: string) => ({
  ...{ perHedgeUsd: notionalUsd("2000"), totalUsd: notionalUsd(totalUsd), opensPerDay: 5 },
});

test("a mandate spends no opening on what is left over, and its owner may still ask for it", async () => {
  const rig = await createDecidingRig(LARGE);
  // Two hedges of some 1,988 USD leave 84 of it: four times the smallest position of the settings.
  rig.arm(large("4060"));
  await rig.pipeline.scan();
  expect(rig.hedges()).toEqual(["AAA open", "BBB open"]);
  expect(whyNot(rig, "CCC")).toContain("what is left of it is too little");
  expect((await rig.pipeline.proposeOpen({ asset: "CCC" }, "owner")).kind).toBe("proposed");
});

test.each([
  ["2,080 USD: no second one", "0.0104", 1],
  ["2,300 USD: a second one of the rest", "0.0115", 2],
])("all hedges together may be %s", async (_, maxUtilisation, count) => {
  const rig = await createDecidingRig({ ...LARGE, maxUtilisation });
  rig.arm(large("6000"));
  await rig.pipeline.scan();
  expect(rig.hedges()).toHaveLength(count);
  const asked = await rig.pipeline.proposeOpen({ asset: "CCC" }, "owner");
  expect(asked.kind).toBe(count === 1 ? "proposed" : "unavailable");
});

test("a hedge is worth the smallest position at the prices that its card shows", async () => {
  const rig = await createDecidingRig({ assets: ASSETS, maxUtilisation: "0.0001002" });
  const asked = await rig.pipeline.proposeOpen({ asset: "AAA" }, "owner");
  expect(asked).toMatchObject({ kind: "unavailable", reason: "BELOW_MINIMUM" });
});
