import { describe, expect, test } from "bun:test";
import { chooseAdvisor } from "#src/main/models/choose-advisor.ts";
import { type LanguageModel, ModelError, type ModelReply } from "#src/ports/language-model.ts";
import { createDecidingRig } from "#tests/support/deciding-rig.ts";
import { createJumpingClock } from "#tests/support/fake-clock.ts";
import { createScriptedModel } from "#tests/support/scripted-model.ts";

const answer = (over: Record<string, unknown> = {}) => ({
  text: JSON.stringify({
    ...{ choice: "O2", confidence: 0.8, reasoning: "BBB pays steadily.", risks: ["NONE"] },
    ...over,
  }),
});

/** A scan with a mandate whose models say these things, through the advisor that the product uses. */
async function scanned(...models: readonly LanguageModel[]) {
  const advisor = chooseAdvisor(models, createJumpingClock());
  const rig = await createDecidingRig({ advisor });
  rig.arm();
  await rig.pipeline.scan();
  return rig;
}

function named(id: string, step: Partial<ModelReply> | Error): LanguageModel {
  return { ...createScriptedModel(step).model, id };
}

describe("a scan through the advisor", () => {
  test("opens within the mandate what the model picked from the table that it was shown", async () => {
    const { model, requests } = createScriptedModel(answer());
    const rig = await scanned(model);

    expect(rig.hedges()).toEqual(["BBB open"]);
    const { id, votes } = rig.newest();
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({ purpose: "scan", subjectId: id, tools: [] });
    expect(requests[0]?.messages[0]).toMatchObject({
      text: expect.stringMatching(/O1\|AAA.*\nO2\|BBB/),
    });
    expect(votes[0]).toMatchObject({ model: "scripted", raw: answer().text, choice: "O2" });
    expect(rig.pipeline.decision(id)?.comments[0]?.text).toBe("BBB pays steadily.");
  });

  test("shows the cost of its calls, which are booked on it", async () => {
    const rig = await scanned(named("m", answer()));
    const { id } = rig.newest();
    const usage = { inputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 1 };
    rig.store.transaction(() =>
      rig.store.insertModelCall({
        ...{ at: 1, purpose: "scan", subjectId: id, provider: "p", model: "m", failure: null },
        ...{ usage, costMicroUsd: 42, costIsEstimate: false, elapsedMs: 1 },
      }),
    );
    expect(rig.pipeline.decision(id)?.costMicroUsd).toBe(42);
  });

  test.each([
    ["prose", { text: "I would OPEN O2, not close anything. BUY!" }],
    ["an answer with a size", answer({ sizeUsd: 50_000 })],
    ["a slot that is not offered", answer({ choice: "O9" })],
    ["an answer that was cut", { ...answer(), stop: "length" as const }],
    ["an error", new ModelError("overBudget", "spent")],
  ])("%s opens nothing alone and is on record", async (_, step) => {
    const rig = await scanned(named("m", step));
    expect(rig.hedges()).toEqual([]);
    expect(rig.newest()).toMatchObject({
      decidedBy: "rules",
      gates: ["NO_VALID_VOTE", "CARDS_ONLY"],
    });
    expect(rig.newest().votes[0]?.failure).not.toBeNull();
    expect(rig.cards()).toEqual(["open AAA"]);
  });

  test("of three models follows the two that agree, and one alone is not followed", async () => {
    const prose = { text: "O1!" };
    const agreed = await scanned(named("a", answer()), named("b", prose), named("c", answer()));
    expect(agreed.hedges()).toEqual(["BBB open"]);
    const alone = await scanned(named("a", answer()), named("b", prose), named("c", prose));
    expect([alone.hedges(), alone.cards()]).toEqual([[], []]);
    expect(alone.newest()).toMatchObject({ choice: "HOLD", decidedBy: "models" });
  });
});
