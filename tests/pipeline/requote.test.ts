import { describe, expect, test } from "bun:test";
import { createDecidingRig } from "#tests/support/deciding-rig.ts";

describe("a tap on a card whose price has moved", () => {
  test("trades nothing and brings a new card, whose tap opens", async () => {
    const { pipeline, market, tap, cards, hedges } = await createDecidingRig();
    await pipeline.proposeOpen({ asset: "AAA" }, "owner");
    market.price = "97";
    expect(await tap()).toMatchObject({ kind: "requoted" });
    expect([cards(), hedges()]).toEqual([["open AAA", "open AAA"], []]);
    await (await tap()).done;
    expect(hedges()).toEqual(["AAA open"]);
  });

  test("brings it also when a model has made all the cards that it may make today", async () => {
    const { pipeline, market, tap, clock, store } = await createDecidingRig();
    await pipeline.proposeOpen({ asset: "AAA" }, "agent");
    const day = Math.floor(clock.wallNow() / 86_400_000);
    store.transaction(() => store.setFact(`agentCards:${day}`, "10"));
    expect((await pipeline.proposeOpen({ asset: "BBB" }, "agent")).kind).toBe("unavailable");
    market.price = "97";
    expect(await tap()).toMatchObject({ kind: "requoted" });
  });
});
