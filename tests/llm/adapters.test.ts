import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { LLMock } from "@copilotkit/aimock";
import { createAnthropicModel } from "#src/llm/anthropic.ts";
import { createOpenAiCompatibleModel } from "#src/llm/openai-compatible.ts";
import { type LanguageModel, ModelError, type ModelMessage } from "#src/ports/language-model.ts";

let mock: LLMock;
beforeEach(async () => {
  mock = new LLMock({ port: 0, logLevel: "silent", strict: true });
  await mock.start();
});
afterEach(() => mock.stop());

const ADAPTERS: readonly (readonly [string, () => LanguageModel])[] = [
  [
    "Anthropic",
    () =>
      createAnthropicModel({
        apiKey: "test-key",
        model: "claude-opus-5-5",
        baseUrl: mock.url,
        timeoutMs: 2_000,
      }),
  ],
  [
    "OpenAI-compatible",
    () =>
      createOpenAiCompatibleModel({
        apiKey: "test-key",
        model: "gpt-6-sol",
        baseUrl: `${mock.url}/v1`,
        timeoutMs: 2_000,
      }),
  ],
];

function ask(model: LanguageModel, messages: readonly ModelMessage[]) {
  return model.reply({
    system: "You are a test.",
    messages,
    tools: [
      {
        name: "get_rates",
        description: "rates",
        inputSchema: { type: "object", properties: {}, required: [], additionalProperties: false },
      },
    ],
    maxOutputTokens: 200,
    signal: new AbortController().signal,
  });
}

const question: ModelMessage = { role: "user", text: "what pays?" };

describe.each(ADAPTERS)("the %s adapter", (_name, create) => {
  test("carries a tool call out and its result back", async () => {
    mock.on(
      { userMessage: "what pays?", hasToolResult: false },
      { toolCalls: [{ name: "get_rates", arguments: '{"asset":null}' }] },
    );
    mock.on({ hasToolResult: true }, { content: "BTC pays 1 bp." });

    const first = await ask(create(), [question]);
    const [call] = first.calls;
    if (!call) throw new Error("no call");
    const second = await ask(create(), [
      question,
      { role: "assistant", text: first.text, calls: first.calls },
      { role: "tool", callId: call.id, name: call.name, json: '{"btc":"1 bp"}' },
    ]);

    expect(first).toMatchObject({ stop: "toolCalls", calls: [{ name: "get_rates" }] });
    expect(JSON.parse(call.argumentsJson)).toEqual({ asset: null });
    expect(second).toMatchObject({ stop: "end", text: "BTC pays 1 bp." });
  });

  test("says when a reply was cut, so that its calls are not run", async () => {
    mock.on({ userMessage: "what pays?" }, { content: "half an ans", finishReason: "length" });
    expect(await ask(create(), [question])).toMatchObject({ stop: "length" });
  });

  test.each([
    [429, "rateLimited"],
    [529, "overloaded"],
    [401, "unauthorised"],
    [400, "badRequest"],
  ] as const)("names HTTP %d as %s", async (status, failure) => {
    mock.on({ userMessage: "what pays?" }, { error: { message: "no", type: "error" }, status });
    expect(await failureOf(create())).toBe(failure);
  });

  test("names a server that is gone as a network failure", async () => {
    const model = create();
    await mock.stop();
    expect(await failureOf(model)).toBe("network");
    await mock.start();
  });
});

describe("an endpoint that answers nonsense", () => {
  test.each([
    ["a web page", "<html>hello</html>"],
    ["no choices", '{"choices":[]}'],
    ["an error object", '{"error":{"message":"x"}}'],
  ])("%s is a protocol failure", async (_what, body) => {
    const server = Bun.serve({
      port: 0,
      fetch: () =>
        new Response(body, {
          headers: { "content-type": body.startsWith("<") ? "text/html" : "application/json" },
        }),
    });
    const baseUrl = `http://127.0.0.1:${server.port}`;
    const openai = createOpenAiCompatibleModel({
      apiKey: "k",
      model: "m",
      baseUrl,
      timeoutMs: 500,
    });
    const anthropic = createAnthropicModel({ apiKey: "k", model: "m", baseUrl, timeoutMs: 500 });

    expect(await failureOf(openai)).toBe("protocol");
    expect(await failureOf(anthropic)).toBe("protocol");
    server.stop(true);
  });
});

async function failureOf(model: LanguageModel): Promise<string> {
  const error = await ask(model, [question]).catch((thrown: unknown) => thrown);
  return error instanceof ModelError ? error.failure : `not a model error: ${String(error)}`;
}
