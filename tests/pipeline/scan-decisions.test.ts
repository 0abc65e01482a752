import { describe, expect, test } from "bun:test";
import type { DecisionTable, Slot } from "#src/core/decision.ts";
import { RetryableError } from "#src/core/errors.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import { notionalUsd } from "#src/core/units.ts";
import { createDecidingRig } from "#tests/support/deciding-rig.ts";
import { createScriptedAdvisor } from "#tests/support/scripted-advisor.ts";

const DAY_MS = 24 * HOUR_MS;

/** The slot that opens this asset. */
function opening(asset: string) {
  return ({ opens }: DecisionTable): Slot =>
    opens.find((row) => row.asset === asset)?.slot ?? "HOLD";
}

const always = (pick: (table: DecisionTable) => Slot, models: readonly string[] = ["m1"]) =>
  createScriptedAdvisor(
    (table) => Object.fromEntries(models.map((model) => [model, pick(table)])),
    models,
  );

describe("without models", () => {
  test("the rules propose as they always did, and write down what they chose", async () => {
    const { pipeline, cards, newest } = await createDecidingRig();
    await pipeline.scan();

    expect(cards()).toEqual(["open AAA", "open BBB"]);
    expect(newest()).toMatchObject({ decidedBy: "rules", choice: "O1", votes: [] });
    expect(newest().results.map((one) => one.kind)).toEqual(["proposed", "proposed"]);
    expect(pipeline.decisions()[0]).toMatchObject({ choice: { action: "open", asset: "AAA" } });
  });

  test("an unchanged choice is not written again at every scan", async () => {
    const { pipeline, clock, decisions } = await createDecidingRig();
    for (let scan = 0; scan < 20; scan += 1) {
      await pipeline.scan();
      clock.jump(5 * 60_000);
    }
    // Both were proposed; then nothing is left to choose.
    expect(decisions().map((one) => one.choice)).toEqual(["O1", "HOLD"]);
  });

  test("nothing is written while there is nothing to choose", async () => {
    const { pipeline, decisions } = await createDecidingRig({ assets: { AAA: "0.000001" } });
    await pipeline.scan();
    expect(decisions()).toEqual([]);
  });

  test("a choice that cannot be carried out is written once, with the reason", async () => {
    const { pipeline, arm, clock, decisions } = await createDecidingRig();
    arm({ perHedgeUsd: notionalUsd("1") });
    for (let scan = 0; scan < 3; scan += 1) {
      await pipeline.scan();
      clock.jump(5 * 60_000);
    }
    expect(decisions().map((one) => one.results)).toEqual([
      [{ kind: "unavailable", ref: "BELOW_MINIMUM" }],
    ]);
  });

  test("nothing is chosen while as many cards wait as anybody reads", async () => {
    const assets = { AAA: "0.0004", BBB: "0.0003", CCC: "0.0002" };
    const { pipeline, cards, decisions } = await createDecidingRig({ assets });
    await pipeline.scan();
    await pipeline.scan();
    expect(cards()).toEqual(["open AAA", "open BBB"]);
    expect(decisions()).toHaveLength(1);
  });

  test("within a mandate each waits for its own minute, also when the one before took long", async () => {
    const rig = await createDecidingRig();
    rig.arm();
    const alpha = rig.venues.get("alpha");
    if (!alpha) throw new Error("alpha");
    const { place } = alpha.trading;
    const slowPlace: typeof place = (order) => {
      rig.clock.jump(4_000);
      return place(order);
    };
    Object.assign(alpha.trading, { place: slowPlace });
    // Every hour there is a payment: 63 s before it one may open, 59 s before it none.
    rig.clock.jump(HOUR_MS / 2 - 63_000);
    await rig.pipeline.scan();
    expect(rig.hedges()).toEqual(["AAA open"]);
    rig.clock.jump(2 * 60_000);
    await rig.pipeline.scan();
    expect(rig.hedges()).toEqual(["AAA open", "BBB open"]);
  });

  test("within a mandate they open all that has room", async () => {
    const { pipeline, arm, hedges } = await createDecidingRig();
    arm();
    await pipeline.scan();
    expect(hedges()).toEqual(["AAA open", "BBB open"]);
  });
});

describe("what a model chooses", () => {
  test("is the one card that the owner gets, and its words are beside it", async () => {
    const advisor = always(opening("BBB"));
    const { pipeline, cards, newest, comments } = await createDecidingRig({ advisor });
    await pipeline.scan();

    expect(cards()).toEqual(["open BBB"]);
    const decision = newest();
    expect(decision).toMatchObject({ decidedBy: "models", gates: [], promptHash: "prompt" });
    expect(pipeline.decisions()[0]).toMatchObject({
      choice: { action: "open", asset: "BBB" },
      policy: { action: "open", asset: "AAA" },
    });
    expect(comments()).toEqual([decision.id]);
    const card = JSON.stringify(await pipeline.cardFacts(decision.results[0]?.ref ?? ""));
    expect(card).not.toContain("because");
  });

  test("is opened alone within an armed mandate, and nothing else is", async () => {
    const advisor = always(opening("BBB"));
    const { pipeline, arm, hedges, cards, newest, store } = await createDecidingRig({ advisor });
    arm();
    await pipeline.scan();

    expect(hedges()).toEqual(["BBB open"]);
    expect(cards()).toEqual(["open BBB"]);
    expect(newest().results).toEqual([{ kind: "opening", ref: store.listHedges()[0]?.id ?? "" }]);
  });

  test("is nothing when it says HOLD: no card, no hedge, no comment", async () => {
    const advisor = always(() => "HOLD");
    const { pipeline, arm, cards, comments } = await createDecidingRig({ advisor });
    await pipeline.scan();
    arm();
    await pipeline.scan();
    expect([cards(), comments()]).toEqual([[], []]);
  });

  test("of several needs two for the same: one that opens is not followed", async () => {
    const advisor = createScriptedAdvisor(
      (table) => ({ m1: opening("AAA")(table), m2: opening("BBB")(table), m3: "timeout" }),
      ["m1", "m2", "m3"],
    );
    const { pipeline, arm, hedges, newest } = await createDecidingRig({ advisor });
    arm();
    await pipeline.scan();
    expect(hedges()).toEqual([]);
    expect(newest().gates).toEqual(["VOTE_MISSING", "NO_QUORUM"]);
  });

  test("that was not offered is no vote: neither opened nor proposed by its name", async () => {
    const advisor = always(() => "O9");
    const { pipeline, arm, hedges, newest } = await createDecidingRig({ advisor });
    arm();
    await pipeline.scan();
    expect(hedges()).toEqual([]);
    expect(newest()).toMatchObject({ decidedBy: "rules" });
  });

  test("never reaches the explaining tool as words", async () => {
    const { pipeline, newest } = await createDecidingRig({ advisor: always(opening("AAA")) });
    await pipeline.scan();
    const seen = JSON.stringify([pipeline.explain("AAA"), pipeline.decisions({ asset: "AAA" })]);
    expect(seen).toContain("confidence");
    expect(seen).not.toContain("because");
    expect(JSON.stringify(pipeline.decision(newest().id))).toContain("because");
    expect(pipeline.decisions({ asset: "ZZZ" })).toEqual([]);
  });
});

describe("no model is asked", () => {
  test("when trading is halted, or nobody owns the bot", async () => {
    const advisor = always(opening("AAA"));
    const { pipeline, store } = await createDecidingRig({ advisor });
    pipeline.halt("test");
    await pipeline.scan();
    store.transaction(() => {
      store.setTradingState("active");
      store.setFact("ownerId", "0");
    });
    await pipeline.scan();
    expect(advisor.asked).toEqual([]);
  });

  test("when nothing may be opened and nothing is open", async () => {
    const advisor = always(opening("AAA"));
    const { pipeline, decisions } = await createDecidingRig({
      advisor,
      assets: { AAA: "0.000001" },
    });
    await pipeline.scan();
    expect([advisor.asked, decisions()]).toEqual([[], []]);
  });

  test("about a market that could not be looked at, whatever is open", async () => {
    const advisor = always(({ closes }) => closes[0]?.slot ?? "HOLD");
    const { pipeline, openByTap, clock, venues } = await createDecidingRig({ advisor });
    await openByTap("AAA");
    clock.jump(2 * DAY_MS);
    const beta = venues.get("beta");
    if (!beta) throw new Error("no venue");
    Object.assign(beta.data, { fundingRates: () => Promise.reject(new RetryableError("503")) });
    await pipeline.scan();
    expect(advisor.asked).toEqual([]);
  });

  test("again within the hour about a table that did not change, also after a restart", async () => {
    const advisor = always(() => "HOLD");
    const { pipeline, again, clock } = await createDecidingRig({ advisor });
    await pipeline.scan();
    clock.jump(10 * 60_000);
    await pipeline.scan();
    await (await again()).scan();
    expect(advisor.asked).toHaveLength(1);
    clock.jump(HOUR_MS);
    await pipeline.scan();
    expect(advisor.asked).toHaveLength(2);
  });

  test("when the mandate has no room, or as many cards wait as anybody reads", async () => {
    const advisor = always(opening("CCC"));
    const assets = { AAA: "0.0004", BBB: "0.0003", CCC: "0.0002" };
    const { pipeline, arm, again } = await createDecidingRig({ advisor, assets });
    arm({ opensPerDay: 0 });
    await pipeline.scan();
    pipeline.revokeMandate("test");
    for (const asset of ["AAA", "BBB"]) await pipeline.proposeOpen({ asset }, "owner");
    await (await again()).scan();
    expect(advisor.asked).toEqual([]);
  });

  test("but by other instructions they are", async () => {
    const advisor = always(() => "HOLD");
    const { pipeline } = await createDecidingRig({ advisor });
    await pipeline.scan();
    Object.assign(advisor, { promptHash: "another" });
    await pipeline.scan();
    expect(advisor.asked).toHaveLength(2);
  });

  test("but about a table that changed they are", async () => {
    const advisor = always(() => "HOLD");
    const { pipeline, market } = await createDecidingRig({ advisor });
    await pipeline.scan();
    market.setRate("AAA", "0.001");
    await pipeline.scan();
    expect(advisor.asked).toHaveLength(2);
  });

  test("but when a mandate is armed after it they are: a choice for a card is no choice to open", async () => {
    const advisor = always(() => "HOLD");
    const { pipeline, clock, arm } = await createDecidingRig({ advisor });
    await pipeline.scan();
    clock.jump(1_000);
    arm({ perHedgeUsd: notionalUsd("100") });
    await pipeline.scan();
    expect(advisor.asked).toHaveLength(2);
  });

  test("but by other models they are, and when the rules alone may do something else", async () => {
    const advisor = always(() => "HOLD");
    const { pipeline } = await createDecidingRig({ advisor });
    await pipeline.scan();
    Object.assign(advisor, { models: ["m2"] });
    await pipeline.scan();
    expect(advisor.asked).toHaveLength(2);

    const silent = createScriptedAdvisor(() => ({ m1: "network" }));
    const rules = await createDecidingRig({ advisor: silent, openWithoutModel: true });
    await rules.pipeline.scan();
    const careful = await createDecidingRig({ advisor: silent });
    await (await careful.again(rules.store)).scan();
    expect(silent.asked).toHaveLength(2);
  });

  test("again at once when one of several is silent: the others would be paid again", async () => {
    const advisor = createScriptedAdvisor(
      () => ({ m1: "HOLD", m2: "HOLD", m3: "unauthorised" }),
      ["m1", "m2", "m3"],
    );
    const { pipeline, clock } = await createDecidingRig({ advisor });
    for (let scan = 0; scan < 3; scan += 1) {
      await pipeline.scan();
      clock.jump(5 * 60_000 - 1);
    }
    expect(advisor.asked).toHaveLength(1);
    clock.jump(5 * 60_000);
    await pipeline.scan();
    expect(advisor.asked).toHaveLength(2);
  });

  test("when trading was stopped before anybody was asked", async () => {
    const advisor = always(opening("AAA"));
    const { pipeline, venues } = await createDecidingRig({ advisor });
    const { data } = venues.get("beta") ?? {};
    if (!data) throw new Error("no venue");
    const read = data.marketStats.bind(data);
    Object.assign(data, {
      marketStats(symbol: string) {
        pipeline.halt("test");
        return read(symbol);
      },
    });
    await pipeline.scan();
    expect([advisor.asked, pipeline.decisions()]).toEqual([[], []]);
  });

  test("about an asset that was closed within the cool-down, or is held", async () => {
    const advisor = always(() => "HOLD");
    const { pipeline, openByTap, store, clock } = await createDecidingRig({ advisor });
    await openByTap("AAA");
    await pipeline.scan();
    const [hedge] = store.listHedges();
    await pipeline.kill("test");
    store.transaction(() => store.setTradingState("active"));
    await pipeline.scan();
    clock.jump(5 * HOUR_MS);
    await pipeline.scan();

    expect(store.getHedge(hedge?.id ?? "")?.phase).toBe("closed");
    const offered = advisor.asked.map(({ table }) => table.opens.map((row) => row.asset));
    expect(offered).toEqual([["BBB"], ["BBB"], ["AAA", "BBB"]]);
  });
});

describe("a hedge that a model wants closed", () => {
  const closing = always(({ closes }) => closes[0]?.slot ?? "HOLD");
  const young = { assets: { AAA: "0.0003", BBB: "0.000001" } };

  test("is shown as a card once it is old enough, and is never closed by that", async () => {
    const advisor = always(({ closes }) => closes[0]?.slot ?? "HOLD");
    const { pipeline, openByTap, arm, clock, cards, hedges, newest } = await createDecidingRig({
      advisor,
    });
    await openByTap("AAA");
    arm();
    await pipeline.scan();
    expect(newest().gates).toEqual(["MIN_HOLD"]);
    clock.jump(DAY_MS);
    await pipeline.scan();

    expect(cards()).toEqual(["open AAA", "close AAA"]);
    expect(hedges()).toEqual(["AAA open"]);
    expect(newest().results[0]?.kind).toBe("closeProposed");

    clock.jump(2 * HOUR_MS);
    await pipeline.scan();
    expect(newest().gates).toEqual(["CLOSE_CARD_LATELY"]);
    expect(cards()).toHaveLength(2);
  });

  test("is not asked about again while its card is fresh and nothing else can be done", async () => {
    const advisor = always(({ closes }) => closes[0]?.slot ?? "HOLD");
    const { pipeline, openByTap, clock, cards } = await createDecidingRig({ ...young, advisor });
    await openByTap("AAA");
    clock.jump(DAY_MS);
    await pipeline.scan();
    expect(cards()).toEqual(["open AAA", "close AAA"]);
    clock.jump(2 * HOUR_MS);
    await pipeline.scan();
    expect(advisor.asked).toHaveLength(1);
  });

  test("is not even asked about while it is young and nothing else can be done", async () => {
    const { pipeline, openByTap } = await createDecidingRig({ ...young, advisor: closing });
    await openByTap("AAA");
    await pipeline.scan();
    expect(closing.asked).toEqual([]);
  });

  test("is not entered again within the cool-down, whatever the owner did with the card", async () => {
    const advisor = always(({ closes }) => closes[0]?.slot ?? "HOLD");
    const { pipeline, openByTap, clock, store } = await createDecidingRig({ advisor });
    await openByTap("AAA");
    clock.jump(DAY_MS);
    await pipeline.scan();
    const [hedge] = store.listHedges();
    // As if it had been closed long ago: only the model's wish stands against it.
    if (!hedge) throw new Error("no hedge");
    store.transaction(() =>
      store.updateHedge(hedge, { phase: "closed", closedAt: clock.marketNow() - DAY_MS }),
    );
    clock.jump(3 * 60_000); // the card has expired
    await pipeline.scan();
    expect(advisor.asked).toHaveLength(2);
    expect(advisor.asked.at(-1)?.table.opens.map((row) => row.asset)).toEqual(["BBB"]);
  });

  test("that turned is shown at the next scan when a venue was silent at this one", async () => {
    const { pipeline, openByTap, venues, market, clock, cards } = await createDecidingRig(young);
    await openByTap("AAA");
    market.setRate("AAA", "-0.01");
    clock.jump(14 * HOUR_MS);
    const { data } = venues.get("beta") ?? {};
    if (!data) throw new Error("no venue");
    const read = data.orderBook.bind(data);
    Object.assign(data, { orderBook: () => Promise.reject(new RetryableError("503")) });
    await pipeline.scan();
    expect(cards()).toEqual(["open AAA"]);
    Object.assign(data, { orderBook: read });
    await pipeline.scan();
    expect(cards()).toEqual(["open AAA", "close AAA"]);
  });

  test.each(["HOLD", "timeout", "never", "throws"] as const)(
    "is closed by the rules when its carry turned, even when the models say %s",
    async (said) => {
      const advisor = createScriptedAdvisor((table, asked) => ({
        m1: asked === 1 ? opening("AAA")(table) : said,
      }));
      const { pipeline, arm, clock, market, hedges } = await createDecidingRig({ advisor });
      arm();
      await pipeline.scan();
      expect(hedges()).toEqual(["AAA open"]);
      market.setRate("AAA", "-0.01");
      clock.jump(14 * HOUR_MS);
      await pipeline.scan();
      expect(hedges()).toEqual(["AAA closed"]);
    },
  );
});

describe("when no model gives a vote that counts", () => {
  test.each(["overBudget", "timeout", "notJson", "throws", "never"] as const)(
    "(%s) the rules only propose, also with a mandate",
    async (said) => {
      const advisor = createScriptedAdvisor(() => ({ m1: said }));
      const { pipeline, arm, hedges, cards, newest, comments } = await createDecidingRig({
        advisor,
      });
      arm();
      await pipeline.scan();
      expect([hedges(), cards(), comments()]).toEqual([[], ["open AAA"], []]);
      expect(newest()).toMatchObject({
        decidedBy: "rules",
        gates: ["NO_VALID_VOTE", "CARDS_ONLY"],
      });
    },
  );

  test("the rules open when the operator wants that", async () => {
    const advisor = createScriptedAdvisor(() => ({ m1: "network" }));
    const rig = await createDecidingRig({ advisor, openWithoutModel: true });
    rig.arm();
    await rig.pipeline.scan();
    expect(rig.hedges()).toEqual(["AAA open"]);
  });

  test("they are not asked again at every scan", async () => {
    const advisor = createScriptedAdvisor(() => ({ m1: "overBudget" }));
    const { pipeline, arm, clock } = await createDecidingRig({ advisor });
    arm();
    for (let scan = 0; scan < 6; scan += 1) {
      await pipeline.scan();
      clock.jump(2 * 60_000);
    }
    expect(advisor.asked).toHaveLength(1);
    clock.jump(4 * 60_000);
    await pipeline.scan();
    expect(advisor.asked).toHaveLength(2);
  });
});

describe("what happens while models think", () => {
  test("a /halt ends the wait, and nothing is opened or shown", async () => {
    const advisor = createScriptedAdvisor(() => ({ m1: "never" }));
    const rig = await createDecidingRig({ advisor });
    advisor.meanwhile = () => rig.pipeline.halt("test");
    rig.arm();
    await rig.pipeline.scan();
    expect([rig.hedges(), rig.cards()]).toEqual([[], []]);
    expect(rig.newest().gates).toContain("STOPPED_MEANWHILE");
    expect(rig.newest().votes.map((vote) => vote.failure)).toEqual(["aborted"]);
  });

  test("a mandate that ends leaves a card of what was chosen", async () => {
    const advisor = always(opening("AAA"));
    const rig = await createDecidingRig({ advisor });
    advisor.meanwhile = () => void rig.pipeline.revokeMandate("test");
    rig.arm();
    await rig.pipeline.scan();
    expect([rig.hedges(), rig.cards()]).toEqual([[], ["open AAA"]]);
  });

  test("a mandate that is armed meanwhile opens nothing that was chosen for a card", async () => {
    const advisor = always(opening("AAA"));
    const rig = await createDecidingRig({ advisor });
    advisor.meanwhile = () => rig.arm();
    await rig.pipeline.scan();
    expect([rig.hedges(), rig.cards()]).toEqual([[], ["open AAA"]]);
  });

  test("a choice from an old look is not acted on", async () => {
    const advisor = always(opening("AAA"));
    const rig = await createDecidingRig({ advisor });
    advisor.meanwhile = () => rig.clock.jump(6 * 60_000);
    await rig.pipeline.scan();
    expect(rig.cards()).toEqual([]);
    expect(rig.newest()).toMatchObject({ choice: "HOLD", gates: ["LOOK_TOO_OLD"] });
  });
});

describe("what is written", () => {
  test("what the rules would do stands in the database before anybody is asked", async () => {
    const advisor = always(opening("BBB"));
    const rig = await createDecidingRig({ advisor });
    let seen: unknown = null;
    advisor.meanwhile = () => {
      seen = rig.newest();
    };
    await rig.pipeline.scan();
    expect(seen).toMatchObject({ policyChoice: "O1", choice: null, decidedBy: null });
    expect(rig.store.verifyAudit()).toBeNull();
  });

  test("a crash between choosing and acting leaves the choice, and it is carried out after the restart", async () => {
    const advisor = always(opening("BBB"));
    const rig = await createDecidingRig({
      advisor,
      openWith: (store) => ({
        ...store,
        insertProposal() {
          throw new Error("the process ends here");
        },
      }),
    });
    await expect(rig.pipeline.scan()).rejects.toThrow("the process ends here");
    expect(rig.newest()).toMatchObject({ choice: "O2", decidedBy: "models", results: [] });
    expect(rig.comments()).toEqual([]);

    await (await rig.again()).scan();
    expect(advisor.asked).toHaveLength(1);
    expect([rig.cards(), rig.comments().length]).toEqual([["open BBB"], 1]);
    expect(rig.newest().results.map((one) => one.kind)).toEqual(["proposed"]);
  });

  test("a crash while models are asked leaves no choice, and they are asked anew", async () => {
    const advisor = always(opening("BBB"));
    const rig = await createDecidingRig({
      advisor,
      openWith: (store) => ({
        ...store,
        endScanDecision() {
          throw new Error("the process ends here");
        },
      }),
    });
    await expect(rig.pipeline.scan()).rejects.toThrow("the process ends here");
    expect(rig.pipeline.decisions()[0]).toMatchObject({ choice: null, outcomes: [] });

    await (await rig.again()).scan();
    expect(advisor.asked).toHaveLength(2);
    expect(rig.cards()).toEqual(["open BBB"]);
  });

  test("a row's place tells nothing of its rank", async () => {
    const advisor = always(() => "HOLD");
    const assets = { BBB: "0.0003", AAA: "0.0002" };
    const { pipeline, newest } = await createDecidingRig({ advisor, assets });
    await pipeline.scan();
    expect(newest().table.opens.map((row) => `${row.slot} ${row.asset}`)).toEqual([
      "O1 AAA",
      "O2 BBB",
    ]);
    expect(newest().policyChoice).toBe("O2");
  });

  test("the table comes back exactly, with why a hedge was opened", async () => {
    const advisor = always(() => "HOLD");
    const { pipeline, openByTap, newest } = await createDecidingRig({ advisor });
    await openByTap("AAA");
    await pipeline.scan();
    const { table } = newest();
    expect(table).toEqual(advisor.asked[0]?.table as DecisionTable);
    expect(table.closes[0]?.openedAtSpread8h?.toFixed()).toBe("0.0024");
    expect(table.opens[0]?.depthUsd?.gt("1000")).toBe(true);
    expect(table.opens[0]?.basis?.toFixed()).toBe("0");
    expect(table.opens[0]?.evidence.persistence?.toFixed()).toBe("1");
  });
});
