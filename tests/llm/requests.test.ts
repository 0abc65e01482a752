import { afterAll, describe, expect, test } from "bun:test";
import { createAnthropicModel } from "#src/llm/anthropic.ts";
import { createOpenAiCompatibleModel } from "#src/llm/openai-compatible.ts";
import { type CompatibleProvider, PRESETS } from "#src/llm/presets.ts";
import type { ModelRequest } from "#src/ports/language-model.ts";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { startModelEndpoint } from "#tests/support/model-endpoint.ts";
import { afterToolCall, modelReply, modelRequest } from "#tests/support/models.ts";

const endpoint = startModelEndpoint();
afterAll(() => endpoint.stop());

const common = {
  ...{ apiKey: "test-key-0001", model: "m", baseUrl: endpoint.url, clock: createSystemClock() },
};
const PROVIDERS = Object.keys(PRESETS) as CompatibleProvider[];
const ANSWER = {
  name: "vote",
  schema: {
    type: "object",
    properties: {
      format: { type: "string", maxLength: 9 },
      confidence: { type: "number", maximum: 1 },
    },
    required: ["format", "confidence"],
    additionalProperties: false,
  },
};

async function sentToChat(provider: CompatibleProvider, over: Partial<ModelRequest> = {}) {
  endpoint.json({ choices: [{ finish_reason: "stop", message: { content: "BTC." } }] });
  await createOpenAiCompatibleModel({ ...common, provider }).reply(modelRequest(over));
  return JSON.parse(endpoint.asked.at(-1)?.body ?? "");
}

async function sentToClaude(over: Partial<ModelRequest> = {}) {
  endpoint.json({
    ...{ content: [{ type: "text", text: "BTC." }], stop_reason: "end_turn" },
    usage: { input_tokens: 1, output_tokens: 1 },
  });
  await createAnthropicModel(common).reply(modelRequest(over));
  return JSON.parse(endpoint.asked.at(-1)?.body ?? "");
}

describe.each(PROVIDERS)("a request to %s", (provider) => {
  const preset = PRESETS[provider];

  test("limits the answer in the parameter that it knows, and tells it what it takes", async () => {
    const sent = await sentToChat(provider);
    expect(sent[preset.maxTokensParameter]).toBe(200);
    expect("max_tokens" in sent && "max_completion_tokens" in sent).toBe(false);
    expect(sent.tools[0].function.strict).toBe(preset.strictTools ? true : undefined);
    expect(sent.parallel_tool_calls).toBe(preset.takesParallelToolCalls ? false : undefined);
    expect(JSON.stringify(sent.tools)).not.toContain("maxLength");
  });

  test("says what is true now after everything that could be kept", async () => {
    const { messages } = await sentToChat(provider, { facts: "FACTS: none" });
    expect(messages.at(-1)).toEqual({ role: preset.factsRole, content: "FACTS: none" });
    expect(messages[0]).toEqual({ role: "system", content: "You are a test." });
  });

  test("asks for a whole answer of a schema in its way, with no tools", async () => {
    const sent = await sentToChat(provider, { answer: ANSWER, tools: [] });
    expect(sent.tools).toBeUndefined();
    expect(sent.parallel_tool_calls).toBeUndefined();
    const asked = sent.response_format?.type ?? "prompt";
    expect(asked).toBe(preset.answerFormat);
    const inPrompt = sent.messages[0].content.includes('"confidence"');
    expect(inPrompt).toBe(preset.answerFormat !== "json_schema");
  });
});

describe("a request to Claude", () => {
  test("marks what may be kept: tools and instructions, then the conversation, never the facts", async () => {
    const step = modelReply({
      ...{ stop: "toolCalls", calls: [{ id: "call.1", name: "get_rates", argumentsJson: "{}" }] },
    });
    const first = await sentToClaude({ facts: "FACTS: 1" });
    const second = await sentToClaude({ facts: "FACTS: 2", messages: afterToolCall(step) });

    expect(second.system).toEqual(first.system);
    expect(second.tools).toEqual(first.tools);
    expect(first.system[0].cache_control).toEqual({ type: "ephemeral" });
    const texts = (sent: typeof first) =>
      sent.messages.flatMap(
        (one: { content: { text?: string; cache_control?: object }[] }) => one.content,
      );
    expect(texts(first)[0]).toMatchObject({ text: "what pays?", cache_control: {} });
    expect(texts(first).at(-1)).toEqual({ type: "text", text: "FACTS: 1" });
    expect(texts(second).at(-1)).toEqual({ type: "text", text: "FACTS: 2" });
    // What was kept begins the next request as it was.
    expect(texts(second)[0].text).toBe("what pays?");
    expect(texts(second).at(-2)).toMatchObject({
      ...{ type: "tool_result", tool_use_id: "call_1", cache_control: {} },
    });
  });

  test("makes one call at a time, with strict tools, and asks for a schema without what strict modes refuse", async () => {
    const chat = await sentToClaude();
    const vote = await sentToClaude({ answer: ANSWER, tools: [] });

    expect(chat.tool_choice).toEqual({ type: "auto", disable_parallel_tool_use: true });
    expect(chat.tools[0]).toMatchObject({
      strict: true,
      input_schema: { additionalProperties: false },
    });
    expect(JSON.stringify(chat.tools)).not.toContain("maxLength");
    expect(vote.tools).toBeUndefined();
    expect(vote.output_config.format).toMatchObject({ type: "json_schema" });
    const { properties } = vote.output_config.format.schema;
    // A field may have a keyword's name.
    expect(properties).toEqual({ format: { type: "string" }, confidence: { type: "number" } });
  });
});

describe("usage, as each endpoint counts it", () => {
  test.each([
    ["nothing said", undefined, null],
    [
      "OpenAI: cached and written tokens are among the prompt's",
      {
        prompt_tokens: 100,
        completion_tokens: 20,
        total_tokens: 120,
        prompt_tokens_details: { cached_tokens: 60, cache_write_tokens: 10 },
      },
      [30, 60, 10, 20],
    ],
    [
      "DeepSeek: hits of its own cache",
      {
        prompt_tokens: 100,
        completion_tokens: 20,
        prompt_cache_hit_tokens: 64,
        prompt_cache_miss_tokens: 36,
      },
      [36, 64, 0, 20],
    ],
    [
      "xAI: thoughts are in the total alone",
      {
        prompt_tokens: 32,
        completion_tokens: 9,
        total_tokens: 135,
        completion_tokens_details: { reasoning_tokens: 94 },
      },
      [32, 0, 0, 103],
    ],
    [
      "Gemini: thoughts are in the total alone",
      { prompt_tokens: 10, completion_tokens: 5, total_tokens: 40 },
      [10, 0, 0, 30],
    ],
    [
      "OpenRouter and Qwen",
      {
        prompt_tokens: 10,
        completion_tokens: 5,
        total_tokens: 15,
        prompt_tokens_details: { cached_tokens: 4 },
      },
      [6, 4, 0, 5],
    ],
    ["Ollama", { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }, [10, 0, 0, 5]],
    [
      "null for what it does not know",
      { prompt_tokens: 10, completion_tokens: 5, total_tokens: null, prompt_tokens_details: null },
      [10, 0, 0, 5],
    ],
    [
      "more cached than there were",
      { prompt_tokens: 10, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 99 } },
      [0, 10, 0, 5],
    ],
    ["nothing but zeros", { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }, null],
    ["half of it", { completion_tokens: 5 }, null],
    ["nonsense", { prompt_tokens: "many", completion_tokens: -1 }, null],
  ] as const)("%s", async (_who, usage, counted) => {
    endpoint.json({ choices: [{ finish_reason: "stop", message: { content: "BTC." } }], usage });
    const model = createOpenAiCompatibleModel({ ...common, provider: "compatible" });
    const reply = await model.reply(modelRequest());
    const { usage: read } = reply;
    expect(
      read && [read.inputTokens, read.cacheReadTokens, read.cacheWriteTokens, read.outputTokens],
    ).toEqual(counted === null ? null : [...counted]);
  });

  test("Claude: fresh, read and written stand side by side, and may be null", async () => {
    const answer = { content: [{ type: "text", text: "BTC." }], stop_reason: "end_turn" };
    const cached = { cache_creation_input_tokens: 30, cache_read_input_tokens: 60 };
    endpoint.json({ ...answer, usage: { input_tokens: 10, output_tokens: 5, ...cached } });
    const model = createAnthropicModel(common);
    expect((await model.reply(modelRequest())).usage).toEqual({
      ...{ inputTokens: 10, cacheReadTokens: 60, cacheWriteTokens: 30, outputTokens: 5 },
    });
    const nothing = { cache_creation_input_tokens: null, cache_read_input_tokens: null };
    endpoint.json({ ...answer, usage: { input_tokens: 10, output_tokens: 5, ...nothing } });
    expect((await model.reply(modelRequest())).usage?.cacheReadTokens).toBe(0);
    endpoint.json({ ...answer, usage: { input_tokens: 0, output_tokens: 0, ...nothing } });
    expect((await model.reply(modelRequest())).usage).toBeNull();
    endpoint.json(answer);
    expect((await model.reply(modelRequest())).usage).toBeNull();
  });
});
