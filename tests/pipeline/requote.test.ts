import { describe, expect, test } from "bun:test";
import { dec } from "#src/core/decimal.ts";
import { HOUR_MS } from "#src/core/funding.ts";
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

  test("and so does a small move, when one leg is no longer to be had at its worst price", async () => {
    const { pipeline, market, tap, cards, hedges } = await createDecidingRig();
    await pipeline.proposeOpen({ asset: "AAA" }, "owner");
    market.price = dec(market.price).times("1.001").toFixed();
    expect(await tap()).toMatchObject({ kind: "requoted" });
    expect([cards(), hedges()]).toEqual([["open AAA", "open AAA"], []]);
    await (await tap()).done;
    expect(hedges()).toEqual(["AAA open"]);
  });

  test("says in words why the guard denied it", async () => {
    const { pipeline, store, tap } = await createDecidingRig();
    await pipeline.proposeOpen({ asset: "AAA" }, "owner");
    store.transaction(() => store.setTradingState("reducing"));
    expect(await tap()).toMatchObject({
      answer: "Nothing was traded. The guard denied it: trading is reducing only.",
    });
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

test("a tap about a funding payment trades nothing, and the card holds until it may", async () => {
  const { pipeline, clock, tap, cards, hedges } = await createDecidingRig();
  const toPayment = HOUR_MS - (clock.marketNow() % HOUR_MS);
  clock.jump(toPayment - 40_000);
  await pipeline.proposeOpen({ asset: "AAA" }, "owner");
  const early = await tap();
  expect(early.kind).toBe("denied");
  expect(early.answer).toMatch(/^Nothing was traded: a funding payment is being made/);
  expect(early.answer.length).toBeLessThanOrEqual(200);
  clock.jump(45_000);
  expect((await tap()).kind).toBe("denied");
  clock.jump(6_000);
  await (await tap()).done;
  expect([cards(), hedges()]).toEqual([["open AAA"], ["AAA open"]]);
});
