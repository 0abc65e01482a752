import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { type FixtureMatch, LLMock } from "@copilotkit/aimock";
import { createAnthropicModel } from "#src/llm/anthropic.ts";
import { createOpenAiCompatibleModel } from "#src/llm/openai-compatible.ts";
import type { LanguageModel } from "#src/ports/language-model.ts";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { Desk, KEY, OWNER } from "#tests/agent-evals/desk.ts";
import { judge, judgeDelivery } from "#tests/agent-evals/judge.ts";

const mock = new LLMock({ port: 0, logLevel: "silent", strict: true });
beforeAll(() => mock.start());
afterAll(() => mock.stop());
afterEach(() => {
  mock.clearChaos();
  mock.clearFixtures();
  mock.clearRequests();
  mock.resetMatchCounts();
});

const common = { apiKey: KEY, clock: createSystemClock(), timeoutMs: 1_500 };
const SURFACES = [
  [
    "Anthropic",
    (over = {}): LanguageModel =>
      createAnthropicModel({ ...common, model: "surface", baseUrl: mock.url, ...over }),
  ],
  [
    "OpenAI",
    (over = {}): LanguageModel =>
      createOpenAiCompatibleModel({
        ...{ ...common, provider: "openai", model: "surface", baseUrl: `${mock.url}/v1`, ...over },
      }),
  ],
] as const;

const BEFORE = { userMessage: "what does BTC pay", hasToolResult: false } as const;
const AFTER = { hasToolResult: true } as const;
const CALL = { toolCalls: [{ name: "get_rates", arguments: '{"asset":"BTC"}' }] };
const WHOLE = "The whole answer, from its first word to the very last one.";
const error = (status: number, more: { retryAfter?: number } = {}) => ({
  ...{ error: { message: "canary: their words", type: "error" }, status, ...more },
});

/** Both replies of a turn, where nothing else was said before. */
function answerWell(): void {
  mock.on(BEFORE, CALL);
  mock.on(AFTER, { content: WHOLE });
}

describe.each(SURFACES)("a turn over the %s surface", (_name, create) => {
  /** One question, to its end, with what must hold of any. */
  async function ask(over: { readonly timeoutMs?: number } = {}) {
    const desk = await new Desk({ chain: () => [create(over)] }).begin();
    await desk.agent.ask({ chatId: OWNER, text: "what does BTC pay?", watcher: null });
    await desk.agent.idle();
    desk.deliver();
    judgeDelivery(desk);
    judge(desk);
    const [turn] = desk.turns();
    const booked = desk.store.listModelCalls(turn?.id ?? "");
    const calls = desk.store.callsOf(turn?.id ?? "").map(({ name }) => name);
    desk.close();
    return {
      answer: turn?.answer ?? "",
      ...{ state: turn?.state, calls, booked },
      asked: booked.map(({ model, failure }) => `${model} ${failure ?? "ok"}`),
    };
  }

  test("looks up and answers when nothing fails", async () => {
    answerWell();
    expect(await ask()).toMatchObject({
      ...{ state: "answered", answer: WHOLE, calls: ["get_rates"] },
      asked: ["surface ok", "surface ok"],
    });
  });

  const once: readonly (readonly [string, FixtureMatch])[] = [
    ["before the tool", BEFORE],
    ["after the tool", AFTER],
  ];
  describe.each(once)("%s", (_when, match) => {
    test.each([
      [429, "rateLimited"],
      [529, "overloaded"],
      [500, "overloaded"],
    ] as const)("an HTTP %d is tried once more, and the tool runs once", async (status) => {
      mock.on({ ...match, sequenceIndex: 0 }, error(status, { retryAfter: 1 }));
      answerWell();
      const { answer, asked, calls } = await ask();
      expect([answer, calls]).toEqual([WHOLE, ["get_rates"]]);
      expect(asked.filter((one) => one !== "surface ok")).toHaveLength(1);
    });

    test.each([
      ["529 without end", error(529), 2],
      ["429 that asks for a minute", error(429, { retryAfter: 60 }), 1],
      ["401", error(401), 1],
      ["400", error(400), 1],
    ])(
      "an HTTP %s leaves the turn to the rules, and the tool runs once",
      async (_what, reply, times) => {
        mock.on(match, reply);
        answerWell();
        const { state, answer, calls, booked } = await ask();
        expect(booked.filter(({ failure }) => failure !== null)).toHaveLength(times);
        expect([state, calls]).toEqual(["answered", ["get_rates"]]);
        expect(answer).toMatch(/BTC[\s\S]*answered by rules: surface/);
      },
    );

    test("a line that breaks in the middle leaves no half answer, and is booked", async () => {
      const reply = match === BEFORE ? CALL : { content: WHOLE };
      mock.on({ ...match }, reply, { chunkSize: 4, truncateAfterChunks: 3 });
      answerWell();
      const { state, answer, booked, calls } = await ask();
      expect([state, calls]).toEqual(["answered", ["get_rates"]]);
      expect(answer).toMatch(/answered by rules/);
      expect(answer).not.toContain("The whole");
      const broken = booked.filter(({ failure }) => failure !== null);
      expect(broken.length).toBeGreaterThan(0);
      for (const { costMicroUsd, costIsEstimate } of broken) {
        expect(costIsEstimate && costMicroUsd > 0).toBe(true);
      }
    });

    test("a model slower than the deadline is given up, booked, and the rules answer", async () => {
      mock.on(match, match === BEFORE ? CALL : { content: WHOLE }, { latency: 300 });
      answerWell();
      const { answer, asked, booked } = await ask({ timeoutMs: 60 });
      expect(answer).toMatch(/answered by rules: surface took too long/);
      expect(asked.filter((one) => one === "surface timeout").length).toBeLessThanOrEqual(2);
      expect(booked.some(({ failure, costMicroUsd }) => failure !== null && costMicroUsd > 0)).toBe(
        true,
      );
    });
  });

  test("an unreadable body is a failure of the provider, and the rules answer", async () => {
    answerWell();
    mock.setChaos({ malformedRate: 1 });
    const { answer, asked } = await ask();
    expect(answer).toMatch(/BTC[\s\S]*answered by rules/);
    expect(asked[0]).toMatch(/surface (protocol|network|overloaded)/);
  });

  test("calls of a reply that was cut are not run", async () => {
    mock.on(BEFORE, { ...CALL, content: "Let me", finishReason: "length" });
    expect(await ask()).toMatchObject({ calls: [], asked: ["surface ok"] });
  });

  test("whatever happened before, no call is ever sent without its result", async () => {
    let orphans = 0;
    mock.on(
      {
        predicate: ({ messages }) => {
          const called = messages.flatMap(
            ({ tool_calls }) => tool_calls?.map(({ id }) => id) ?? [],
          );
          const told = messages.flatMap(({ tool_call_id }) => tool_call_id ?? []);
          const isBroken = [...called].sort().join() !== [...told].sort().join();
          orphans += isBroken ? 1 : 0;
          return isBroken;
        },
      },
      error(400),
    );
    const many = Array.from({ length: 6 }, () => CALL.toolCalls).flat();
    mock.on({ userMessage: "halved", hasToolResult: false }, { ...CALL, finishReason: "length" });
    mock.on({ userMessage: "many", hasToolResult: false }, { toolCalls: many });
    mock.on(
      { userMessage: "bad", hasToolResult: false },
      {
        toolCalls: [{ name: "nope", arguments: "{}" }],
      },
    );
    mock.on({ userMessage: "slow", hasToolResult: true }, { content: "late" }, { latency: 150 });
    mock.on({ userMessage: "slow", hasToolResult: false }, CALL);
    mock.on({ hasToolResult: true }, { content: "Done." });
    mock.on({ userMessage: "plain" }, { content: "Plain." });
    const desk = await new Desk({ chain: () => [create()] }).begin();
    for (const text of ["halved", "many", "slow", "bad", "plain"]) {
      await desk.agent.ask({ chatId: OWNER, text, watcher: null });
      if (text === "slow") {
        const toolRan = () =>
          desk.store.liveTurns().some(({ id }) => desk.store.callsOf(id)[0]?.returnedAt);
        for (let turn = 0; turn < 500 && !toolRan(); turn += 1) await Bun.sleep(2);
        desk.agent.stop(OWNER);
      }
      await desk.agent.idle();
    }
    desk.deliver();
    judgeDelivery(desk);
    judge(desk);
    const states = desk.turns().map(({ state }) => `${state}`);
    expect(states).toEqual(["failed", "answered", "stopped", "answered", "answered"]);
    expect(orphans).toBe(0);
    expect(mock.getRequests().length).toBeGreaterThanOrEqual(7);
    desk.close();
  });
});
