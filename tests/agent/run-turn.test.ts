import { describe, expect, test } from "bun:test";
import { checkClaims } from "#src/agent/check-claims.ts";
import { renderReply } from "#src/agent/render-reply.ts";
import { createAgent } from "#src/agent/run-turn.ts";
import {
  type LanguageModel,
  ModelError,
  type ModelReply,
  type ModelRequest,
} from "#src/ports/language-model.ts";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { createIdlePipeline } from "#tests/support/idle-pipeline.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";
import { TOOLS } from "#tools/registry.ts";

const CHAT = 1;

/** A model that says what it is told, step by step, and remembers what it was asked. */
function scripted(...steps: readonly (Partial<ModelReply> | Error)[]) {
  const requests: ModelRequest[] = [];
  const model: LanguageModel = {
    id: "scripted",
    async reply(request) {
      requests.push(request);
      const step = steps[Math.min(requests.length - 1, steps.length - 1)];
      if (step instanceof Error) throw step;
      return { text: "", calls: [], stop: "end", inputTokens: 1, outputTokens: 1, ...step };
    },
  };
  return { model, requests };
}

function agentWith(model: LanguageModel) {
  const pipeline = createIdlePipeline();
  const clock = createSystemClock();
  const store = openStore({ path: ":memory:", wallNow: clock.wallNow });
  const agent = createAgent({
    model,
    tools: TOOLS,
    toolContext: { pipeline },
    store,
    clock,
    log: silentLogger,
    system: "s",
    redact: (text) => text,
  });
  return { agent, store, pipeline };
}

function calling(name: string, argumentsJson: string): Partial<ModelReply> {
  return { stop: "toolCalls", calls: [{ id: "c1", name, argumentsJson }] };
}

describe("a turn", () => {
  test("runs the tool that the model names and gives its JSON back", async () => {
    const { model, requests } = scripted(calling("get_status", "{}"), { text: "All quiet." });
    const { agent } = agentWith(model);

    const { text } = await agent.handle(CHAT, "status?");

    expect(text).toBe("All quiet.");
    expect(requests[1]?.messages.at(-1)).toMatchObject({ role: "tool", name: "get_status" });
  });

  test.each([
    ["UNKNOWN_TOOL", "approve", "{}"],
    ["UNKNOWN_TOOL", "__proto__", "{}"],
    ["NOT_JSON", "get_rates", '{"asset":'],
    ["DOES_NOT_FIT_SCHEMA", "propose_hedge", '{"asset":"BTC","candidateId":null,"size":"1000"}'],
    ["DOES_NOT_FIT_SCHEMA", "propose_hedge", '{"asset":{"x":1},"candidateId":null}'],
    ["ARGUMENTS_TOO_LONG", "get_rates", JSON.stringify({ asset: "x".repeat(5_000) })],
  ])("answers %s in a closed word, and runs nothing", async (error, name, argumentsJson) => {
    const { model, requests } = scripted(calling(name, argumentsJson), { text: "ok" });
    const { agent, pipeline } = agentWith(model);

    await agent.handle(CHAT, "x");

    expect(requests[1]?.messages.at(-1)).toMatchObject({ json: JSON.stringify({ error }) });
    expect(pipeline.proposals).toEqual([]);
  });

  test("does not run the calls of a reply that was cut", async () => {
    const cut = {
      ...calling("propose_hedge", '{"asset":"BTC","candidateId":null}'),
      stop: "length" as const,
    };
    const { agent, pipeline } = agentWith(scripted(cut).model);

    await agent.handle(CHAT, "hedge BTC");

    expect(pipeline.proposals).toEqual([]);
  });

  test("stops after eight steps", async () => {
    const { model, requests } = scripted(calling("get_status", "{}"));
    const { agent } = agentWith(model);

    expect((await agent.handle(CHAT, "loop")).text).toContain("too many steps");
    expect(requests).toHaveLength(8);
  });

  test("remembers what was said and forgets the failed turn", async () => {
    const { model, requests } = scripted({ text: "one" }, new ModelError("overloaded", "529"), {
      text: "three",
    });
    const { agent } = agentWith(model);

    await agent.handle(CHAT, "first");
    const failed = await agent.handle(CHAT, "second");
    await agent.handle(CHAT, "third");

    expect(failed.text).toContain("overloaded");
    expect(failed.text).toContain("Nothing was traded");
    expect(
      requests[2]?.messages.map((message) => (message.role === "tool" ? "" : message.text)),
    ).toEqual(["first", "one", "third"]);
  });

  test("takes one question at a time a chat", async () => {
    const { promise, resolve } = Promise.withResolvers<ModelReply>();
    const { agent } = agentWith({ id: "slow", reply: () => promise });
    const first = agent.handle(CHAT, "slow one");

    expect((await agent.handle(CHAT, "me too")).text).toContain("still working");
    resolve({ text: "done", calls: [], stop: "end", inputTokens: 0, outputTokens: 0 });
    expect((await first).text).toBe("done");
  });
});

describe("an answer", () => {
  test("keeps its words, loses links' targets and images, and gets our own entities", () => {
    const { text, entities } = renderReply(
      "**BTC** pays [more](https://evil.example/?q=1) ![x](https://evil.example) `1 bp`\u202E",
    );
    expect(text).toBe("BTC pays more  1 bp");
    expect(entities).toEqual([
      { type: "bold", offset: 0, length: 3 },
      { type: "code", offset: 15, length: 4 },
    ]);
  });

  test("that claims a trade is marked", () => {
    expect(checkClaims("I have opened the BTC hedge.")).toContain("traded nothing");
    expect(checkClaims("A card waits for your tap.")).not.toContain("traded nothing");
  });
});
