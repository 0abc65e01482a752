import { afterAll, describe, expect, test } from "bun:test";
import { createAnthropicModel } from "#src/llm/anthropic.ts";
import { createOpenAiCompatibleModel } from "#src/llm/openai-compatible.ts";
import type { CompatibleProvider } from "#src/llm/presets.ts";
import type { ModelRequest } from "#src/ports/language-model.ts";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { startModelEndpoint } from "#tests/support/model-endpoint.ts";
import { afterToolCall, failureOf, modelRequest } from "#tests/support/models.ts";

const endpoint = startModelEndpoint();
afterAll(() => endpoint.stop());

const clock = createSystemClock();
const common = { apiKey: "test-key-0001", model: "m", baseUrl: endpoint.url, clock };
const anthropic = (timeoutMs = 3_000) => createAnthropicModel({ ...common, timeoutMs });
const chat = (provider: CompatibleProvider = "compatible", timeoutMs = 3_000) =>
  createOpenAiCompatibleModel({ ...common, provider, timeoutMs });
const streamed = (over: Partial<ModelRequest> = {}) =>
  modelRequest({ onText: () => undefined, ...over });

const call = (over: object = {}) => ({
  ...{ id: "c1", type: "function" },
  function: { name: "get_rates", arguments: '{"asset":"BTC"}' },
  ...over,
});
const completion = (message: object, over: object = {}) => ({
  choices: [{ index: 0, finish_reason: "tool_calls", message: { role: "assistant", ...message } }],
  usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
  ...over,
});
const delta = (part: object, finish_reason: string | null = null) => ({
  choices: [{ index: 0, delta: part, finish_reason }],
});

describe("an endpoint that answers nonsense with HTTP 200", () => {
  test.each([
    ["a web page", () => page("<html>hello</html>")],
    ["no choices", () => endpoint.json({ choices: [] })],
    ["an error object", () => endpoint.json({ error: { message: "x" } })],
    ["a number", () => endpoint.json(7)],
    ["nothing", () => page("")],
    ["a call without a name", () => endpoint.json(completion({ tool_calls: [{ id: "x" }] }))],
    ["announced calls and none", () => endpoint.json(completion({ content: "hm" }))],
    [
      "an unknown end",
      () => endpoint.json({ choices: [{ finish_reason: "error", message: { content: "x" } }] }),
    ],
  ])("%s is a failure of the protocol, in one piece and streamed", async (_what, serve) => {
    serve();
    for (const model of [chat(), anthropic()]) {
      for (const request of [modelRequest(), streamed()]) {
        expect(await failureOf(model.reply(request))).toMatchObject({ failure: "protocol" });
      }
    }
  });

  function page(html: string): void {
    endpoint.answer(() => new Response(html, { headers: { "content-type": "text/html" } }));
  }
});

describe("calls of endpoints with an accent", () => {
  test("without ids, or with an id that was used before, they get one that is new in this turn", async () => {
    endpoint.json(completion({ tool_calls: [call({ id: null }), call({ id: "" })] }));
    const first = await chat().reply(modelRequest());
    endpoint.json(completion({ tool_calls: [call({ id: first.calls[0]?.id })] }));
    const second = await chat().reply(modelRequest({ messages: afterToolCall(first) }));

    const ids = [...first.calls, ...second.calls].map(({ id }) => id);
    expect(new Set(ids).size).toBe(3);
    expect(ids.every((id) => id.length > 0)).toBe(true);
  });

  test("with arguments as an object instead of text", async () => {
    const odd = call({ function: { name: "get_rates", arguments: { asset: "BTC" } } });
    endpoint.json(completion({ tool_calls: [odd] }));
    const { calls } = await chat().reply(modelRequest());
    expect(calls[0]?.argumentsJson).toBe('{"asset":"BTC"}');
  });

  test("in a whole reply that ends with stop", async () => {
    const whole = { finish_reason: "stop", message: { content: "", tool_calls: [call()] } };
    endpoint.json({ choices: [whole] });
    expect(await chat().reply(modelRequest())).toMatchObject({ stop: "toolCalls", usage: null });
  });

  test.each(["length", "content_filter"])(
    "of a reply that ended with %s do not count",
    async (finish_reason) => {
      endpoint.json({ choices: [{ finish_reason, message: { tool_calls: [call()] } }] });
      expect((await chat().reply(modelRequest())).calls).toEqual([]);
    },
  );

  test("streamed under one index are two calls when their ids differ", async () => {
    endpoint.events([
      delta({ role: "assistant", tool_calls: [{ index: 0, ...call() }] }),
      delta({ tool_calls: [{ index: 0, ...call({ id: "c2" }) }] }, "tool_calls"),
      "[DONE]",
    ]);
    const { calls } = await chat().reply(streamed());
    expect(calls.map(({ id, argumentsJson }) => [id, argumentsJson])).toEqual([
      ["c1", '{"asset":"BTC"}'],
      ["c2", '{"asset":"BTC"}'],
    ]);
  });

  test("streamed in pieces are put together", async () => {
    endpoint.events([
      delta({
        tool_calls: [{ index: 0, id: "c1", function: { name: "get_rates", arguments: "" } }],
      }),
      delta({ tool_calls: [{ index: 0, function: { arguments: '{"asset":' } }] }),
      delta({ tool_calls: [{ index: 0, function: { arguments: '"BTC"}' } }] }),
      delta({}, "tool_calls"),
      { choices: [], usage: { prompt_tokens: 9, completion_tokens: 3 } },
      "[DONE]",
    ]);
    expect(await chat().reply(streamed())).toMatchObject({
      calls: [{ id: "c1", name: "get_rates", argumentsJson: '{"asset":"BTC"}' }],
      usage: { inputTokens: 9, outputTokens: 3 },
    });
  });
});

describe("a stream", () => {
  test("without its end was cut, and what came of it counts for nothing", async () => {
    endpoint.events([delta({ content: "half" }), delta({ tool_calls: [{ index: 0, ...call() }] })]);
    const error = await failureOf(chat().reply(streamed()));
    expect(error).toMatchObject({ failure: "protocol", mayBeBilled: true });

    endpoint.events([messageStart, blockStart, { ...textDelta, index: 0 }]);
    const other = await failureOf(anthropic().reply(streamed()));
    expect(other).toMatchObject({ failure: "protocol", mayBeBilled: true });
  });

  test("that stalls is ended by the deadline", async () => {
    endpoint.events([delta({ content: "half" })], "open");
    expect(await failureOf(chat("openai", 120).reply(streamed()))).toMatchObject({
      failure: "timeout",
    });
    endpoint.events([messageStart], "open");
    expect(await failureOf(anthropic(120).reply(streamed()))).toMatchObject({ failure: "timeout" });
  });

  test("that says in the middle that its provider is overloaded", async () => {
    const error = { type: "overloaded_error", message: "busy" };
    endpoint.events([messageStart, { type: "error", error }]);
    expect(await failureOf(anthropic().reply(streamed()))).toMatchObject({
      ...{ failure: "overloaded", mayBeBilled: true },
    });
    endpoint.events([delta({ content: "half" }), { error: { ...error, code: 503 } }]);
    expect(await failureOf(chat().reply(streamed()))).toMatchObject({ failure: "overloaded" });
  });

  const messageStart = {
    type: "message_start",
    message: {
      ...{ id: "msg_1", type: "message", role: "assistant", model: "m", content: [] },
      ...{ stop_reason: null, stop_sequence: null, usage: { input_tokens: 9, output_tokens: 1 } },
    },
  };
  const blockStart = {
    ...{ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  };
  const textDelta = { type: "content_block_delta", delta: { type: "text_delta", text: "half" } };
});

describe("what an endpoint wants back", () => {
  test("DeepSeek's reasoning is put together from its pieces and goes back with its calls", async () => {
    endpoint.events([
      delta({ role: "assistant", reasoning_content: "think " }),
      delta({ reasoning_content: "more" }),
      delta({ tool_calls: [{ index: 0, ...call() }] }, "tool_calls"),
      "[DONE]",
    ]);
    const model = chat("deepseek");
    const first = await model.reply(streamed());
    endpoint.json(completion({ content: "BTC." }, { choices: [done("BTC.")] }));
    await model.reply(modelRequest({ messages: afterToolCall(first) }));

    const sent = JSON.parse(endpoint.asked.at(-1)?.body ?? "");
    expect(sent.messages[2].reasoning_content).toBe("think more");
    expect(sent.thinking).toBeUndefined();
  });

  test("DeepSeek does not think about calls that another model made", async () => {
    endpoint.json({ choices: [done("BTC.")] });
    const foreign = afterToolCall({
      ...{ modelId: "x", text: "", stop: "toolCalls", usage: null },
      calls: [{ id: "c1", name: "get_rates", argumentsJson: "{}" }],
      echo: {
        provider: "deepseek/other",
        payload: { ofMessage: { reasoning_content: "x" }, ofCalls: {} },
      },
    });
    await chat("deepseek").reply(modelRequest({ messages: foreign }));

    const sent = JSON.parse(endpoint.asked.at(-1)?.body ?? "");
    expect(sent.messages[2].reasoning_content).toBeUndefined();
    expect(sent.thinking).toEqual({ type: "disabled" });
  });

  test("Gemini's signature goes back beside its call", async () => {
    const signature = { google: { thought_signature: "s1" } };
    endpoint.json(completion({ tool_calls: [call({ extra_content: signature })] }));
    const model = chat("gemini");
    const first = await model.reply(modelRequest());
    endpoint.json({ choices: [done("BTC.")] });
    await model.reply(modelRequest({ messages: afterToolCall(first) }));

    const sent = JSON.parse(endpoint.asked.at(-1)?.body ?? "");
    expect(sent.messages[2].tool_calls[0].extra_content).toEqual(signature);
  });

  test("Claude's thoughts go back unchanged, and never to another model", async () => {
    const content = [
      { type: "thinking", thinking: "hm", signature: "sig" },
      { type: "text", text: "I look." },
      { type: "tool_use", id: "toolu_1", name: "get_rates", input: { asset: null } },
    ];
    const usage = { input_tokens: 5, output_tokens: 5 };
    endpoint.json({ content, stop_reason: "tool_use", usage });
    const first = await anthropic().reply(modelRequest());
    endpoint.json({ content: [{ type: "text", text: "BTC." }], stop_reason: "end_turn", usage });
    const next = modelRequest({ messages: afterToolCall(first) });
    await anthropic().reply(next);
    const same = JSON.parse(endpoint.asked.at(-1)?.body ?? "");
    await createAnthropicModel({ ...common, model: "other" }).reply(next);
    const other = JSON.parse(endpoint.asked.at(-1)?.body ?? "");
    endpoint.json({ choices: [done("BTC.")] });
    await chat("openai").reply(next);

    expect(same.messages[1].content).toEqual(content);
    expect(JSON.stringify(other)).not.toContain("sig");
    expect(endpoint.asked.at(-1)?.body).not.toContain("thinking");
    expect(other.messages[1].content.map((block: { type: string }) => block.type)).toEqual([
      "text",
      "tool_use",
    ]);
  });

  const done = (content: string) => ({ finish_reason: "stop", message: { content } });
});
