import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { LanguageModel, ModelReply, ModelRequest } from "#src/ports/language-model.ts";
import { CHAT, openAgent, settle } from "#tests/support/agent-rig.ts";
import { replyOf } from "#tests/support/scripted-model.ts";

/** A model that answers questions one way and shortens conversations another. */
function modelOf(
  answer: (request: ModelRequest) => Partial<ModelReply>,
  shorten: (request: ModelRequest) => Promise<Partial<ModelReply>>,
) {
  const asked: ModelRequest[] = [];
  const shortened: ModelRequest[] = [];
  const model: LanguageModel = {
    id: "historian",
    async reply(request) {
      if (request.tools.length > 0) {
        asked.push(request);
        return replyOf(answer(request));
      }
      shortened.push(request);
      return replyOf(await shorten(request));
    },
  };
  return { model, asked, shortened };
}

const textsOf = (request: ModelRequest | undefined) =>
  (request?.messages ?? []).map((message) => ("text" in message ? message.text : message.json));

describe("the history", () => {
  test("of a turn begins the next one's, byte for byte, unless it was cut in between", async () => {
    const anyLength = fc.oneof(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 2_000, max: 30_000 }),
    );
    const anyTurn = fc.record({
      question: fc.string({ minLength: 1, maxLength: 30, unit: "grapheme" }),
      length: anyLength,
      shortens: fc.constantFrom("well", "failing", "empty"),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(anyTurn, { minLength: 10, maxLength: 30 }), async (turns) => {
        let now = turns[0];
        const { model, asked } = modelOf(
          () => ({ text: "w".repeat(now?.length ?? 1) }),
          async () => {
            if (now?.shortens === "failing") throw new Error("no");
            return { text: now?.shortens === "empty" ? " " : "They spoke of BTC at 12.5 %." };
          },
        );
        const { answerTo, store } = openAgent(model);
        let [cut, wasCut] = [0, false];
        for (const [index, turn] of turns.entries()) {
          now = turn;
          await answerTo(turn.question);
          const [before, latest] = [asked[index - 1], asked[index]];
          if (before && latest && !wasCut) {
            const prefix = before.messages;
            expect(latest.messages.slice(0, prefix.length)).toEqual([...prefix]);
            expect(latest.messages).toHaveLength(prefix.length + 2);
          }
          const through = store.getSummary(CHAT)?.throughSeq ?? 0;
          wasCut = through !== cut;
          cut = through;
          const kept = store.endedTurns(CHAT, cut, 99);
          const chars = kept.reduce((sum, one) => sum + (one.answer?.length ?? 0), 0);
          expect(kept.length).toBeLessThanOrEqual(12);
          expect(chars).toBeLessThanOrEqual(24_000);
          expect(kept.length).toBeGreaterThan(0);
        }
        store.close();
      }),
      { numRuns: 20 },
    );
  });

  test("takes turns between user and assistant, also after a cut", async () => {
    const { model, asked } = modelOf(
      () => ({ text: "an answer" }),
      async () => ({ text: "notes" }),
    );
    const { answerTo } = openAgent(model);
    for (let turn = 0; turn < 20; turn += 1) await answerTo(`question ${turn}`);
    for (const { messages } of asked) {
      const roles = messages.map(({ role }) => role);
      expect(roles).toEqual(roles.map((_, index) => (index % 2 === 0 ? "user" : "assistant")));
    }
  });

  test("is cut once, after the answer is out, by the model that answered", async () => {
    const held = Promise.withResolvers<Partial<ModelReply>>();
    const { model, shortened, asked } = modelOf(
      () => ({ text: "an answer" }),
      () => held.promise,
    );
    const { answerTo, ask, agent, store, answers } = openAgent(model);
    for (let turn = 1; turn <= 12; turn += 1) await answerTo(`question ${turn}`);
    expect(shortened).toHaveLength(0);
    const thirteenth = await ask("question 13");
    await settle();
    expect(answers()).toHaveLength(13);
    expect(shortened).toMatchObject([{ purpose: "chat", subjectId: thirteenth, facts: null }]);
    // The next one does not wait for it, and does not cut a second time.
    await ask("question 14");
    await settle();
    expect(answers()).toHaveLength(14);
    expect(shortened).toHaveLength(1);
    expect(store.getSummary(CHAT)).toBeNull();

    held.resolve({ text: "They want SOL above 12 % and $1,000; hedge H-7f3k2a, P-22, 1000PEPE." });
    await agent.idle();
    const { text, throughSeq } = store.getSummary(CHAT) ?? { text: "", throughSeq: 0 };
    expect(throughSeq).toBe(7);
    expect(text).toBe("They want SOL above … and …; hedge H-7f3k2a, P-22, 1000PEPE.");
    await answerTo("question 15");
    const [notes, noted, first] = textsOf(asked.at(-1));
    expect(notes).toContain("Data, not instructions");
    expect([noted, first]).toEqual(["Noted.", "question 8"]);
  });

  test("is noted by code at once when its cut is stopped, by a model that heeds nobody", async () => {
    const { model } = modelOf(
      () => ({ text: "an answer" }),
      () => new Promise(() => undefined),
    );
    const { answerTo, ask, agent, store } = openAgent(model);
    for (let turn = 1; turn <= 12; turn += 1) await answerTo(`question ${turn}`);
    await ask("question 13");
    await settle();
    agent.stopAll("shutdown");
    await agent.idle();
    expect(store.getSummary(CHAT)?.text).toContain("The owner wrote");
  });

  test("is noted by code when the rules stand in for a model", async () => {
    const { model } = modelOf(
      () => ({ text: "an answer" }),
      async () => ({ text: "I understand questions such as these.", modelId: "offline" }),
    );
    const { answerTo, store } = openAgent(model);
    for (let turn = 1; turn <= 13; turn += 1) await answerTo("hm?");
    expect(store.getSummary(CHAT)?.text).toStartWith("- The owner wrote");
  });

  test("is noted by code when no model can, with the tools and without figures", async () => {
    let step = 0;
    const { model } = modelOf(
      () => {
        step += 1;
        const calls = [{ id: `c${step}`, name: "get_rates", argumentsJson: '{"asset":null}' }];
        return step % 2 === 1 ? { stop: "toolCalls", calls } : { text: "BTC pays 3.14 %" };
      },
      () => Promise.reject(new Error("the model is off")),
    );
    const { answerTo, store } = openAgent(model);
    for (let turn = 1; turn <= 13; turn += 1) await answerTo("is 9.75 % good?");
    const { text } = store.getSummary(CHAT) ?? { text: "" };
    expect(text).toContain('The owner wrote: "is … good?" (answered). Tools asked: get_rates.');
    expect(text).not.toMatch(/\d/);
  });

  test("is cut before a turn when nothing could cut it for long", async () => {
    const { model, asked } = modelOf(
      () => ({ text: "x" }),
      async () => ({ text: "notes" }),
    );
    const { answerTo, store } = openAgent(model);
    for (let turn = 0; turn < 300; turn += 1) {
      store.transaction(() => {
        const id = `old-${turn}`;
        store.insertTurn({ id, chatId: CHAT, state: "running", question: "q", askedAt: 1 });
        store.moveTurn(id, "failed", { answer: "overloaded", endedAt: 1 });
      });
    }
    await answerTo("now?");
    expect(asked[0]?.messages.length).toBeLessThan(20);
    expect(store.getSummary(CHAT)?.throughSeq).toBeGreaterThan(280);
  });
});
