import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { LLMock } from "@copilotkit/aimock";
import { createAnthropicModel } from "#src/llm/anthropic.ts";
import { createOpenAiCompatibleModel } from "#src/llm/openai-compatible.ts";
import type { LanguageModel } from "#src/ports/language-model.ts";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { afterToolCall, failureOf, modelRequest } from "#tests/support/models.ts";

const mock = new LLMock({ port: 0, logLevel: "silent", strict: true });
beforeAll(() => mock.start());
afterAll(() => mock.stop());
afterEach(() => {
  mock.clearChaos();
  mock.clearFixtures();
});

const KEY = "test-key-0001";
const common = { apiKey: KEY, clock: createSystemClock(), timeoutMs: 3_000 };

function anthropic(over: { readonly timeoutMs?: number } = {}): LanguageModel {
  return createAnthropicModel({ ...common, model: "claude-opus-5-5", baseUrl: mock.url, ...over });
}

function openai(over: { readonly timeoutMs?: number } = {}): LanguageModel {
  return createOpenAiCompatibleModel({
    ...{ ...common, provider: "openai", model: "gpt-6-sol", baseUrl: `${mock.url}/v1`, ...over },
  });
}

const SURFACES = [
  ["Anthropic, in one piece", anthropic, false],
  ["Anthropic, streamed", anthropic, true],
  ["OpenAI, in one piece", openai, false],
  ["OpenAI, streamed", openai, true],
] as const;

describe.each(SURFACES)("%s", (_name, create, isStreamed) => {
  const heard: string[] = [];
  const ask = (model: LanguageModel, over: Parameters<typeof modelRequest>[0] = {}) => {
    heard.length = 0;
    const onText = (soFar: string) => void heard.push(soFar);
    return model.reply(modelRequest(isStreamed ? { ...over, onText } : over));
  };

  test("carries a tool call out and its result back", async () => {
    mock.on(
      { userMessage: "what pays?", hasToolResult: false },
      { toolCalls: [{ name: "get_rates", arguments: '{"asset":null}' }] },
    );
    mock.on({ hasToolResult: true }, { content: "BTC pays 1 bp." });

    const model = create();
    const first = await ask(model, { facts: "FACTS: nothing is open." });
    const second = await ask(model, {
      ...{ messages: afterToolCall(first), facts: "FACTS: nothing is open." },
    });

    expect(first).toMatchObject({ stop: "toolCalls", calls: [{ name: "get_rates" }] });
    expect(JSON.parse(first.calls[0]?.argumentsJson ?? "")).toEqual({ asset: null });
    expect(second).toMatchObject({ stop: "end", text: "BTC pays 1 bp.", calls: [] });
    if (isStreamed) expect(heard.at(-1)).toBe("BTC pays 1 bp.");
  });

  test("counts what was used, the provider's cache apart", async () => {
    const details = { prompt_tokens_details: { cached_tokens: 60 } };
    const usage = {
      ...{ input_tokens: 40, output_tokens: 7, cache_read_input_tokens: 60 },
      ...{ prompt_tokens: 100, completion_tokens: 7, total_tokens: 107, ...details },
    };
    mock.on({ userMessage: "what pays?" }, { content: "BTC.", usage });

    const { usage: counted } = await ask(create());
    expect(counted).toMatchObject({ outputTokens: 7, cacheWriteTokens: 0 });
    expect((counted?.inputTokens ?? 0) + (counted?.cacheReadTokens ?? 0)).toBeGreaterThan(39);
  });

  test("says when a reply was cut; the calls of a cut reply are not there", async () => {
    mock.on(
      { userMessage: "what pays?" },
      {
        toolCalls: [{ name: "get_rates", arguments: '{"asset":null}' }],
        finishReason: "length",
      },
    );
    expect(await ask(create())).toMatchObject({ stop: "length", calls: [] });
  });

  test.each([
    [429, "rateLimited", { type: "rate_limit_error" }],
    [529, "overloaded", { type: "overloaded_error" }],
    [500, "overloaded", { type: "api_error" }],
    [401, "unauthorised", { type: "authentication_error" }],
    [403, "unauthorised", { type: "permission_error" }],
    [402, "quota", { type: "billing_error" }],
    [429, "quota", { type: "insufficient_quota", code: "insufficient_quota" }],
    [400, "badRequest", { type: "invalid_request_error" }],
    [404, "badRequest", { type: "not_found_error" }],
  ] as const)("HTTP %d is %s, certainly not billed", async (status, failure, error) => {
    mock.on(
      { userMessage: "what pays?" },
      { error: { message: `your key ${KEY} is bad`, ...error }, status },
    );
    const thrown = await failureOf(ask(create()));

    expect(thrown).toMatchObject({ failure, mayBeBilled: false });
    expect(Bun.inspect(thrown)).not.toContain(KEY);
  });

  test("passes on how long the provider asks us to wait, and does not try again itself", async () => {
    mock.on(
      { userMessage: "what pays?" },
      { error: { message: "slow", type: "rate_limit_error" }, status: 429, retryAfter: 7 },
    );
    const before = mock.getRequests().length;
    expect(await failureOf(ask(create()))).toMatchObject({ retryAfterMs: 7_000 });
    expect(mock.getRequests().length - before).toBe(1);
  });

  test("a slow answer is a timeout that may be billed", async () => {
    mock.on({ userMessage: "what pays?" }, async () => {
      await Bun.sleep(1_000);
      return { content: "late" };
    });
    const thrown = await failureOf(ask(create({ timeoutMs: 80 })));
    expect(thrown).toMatchObject({ failure: "timeout", mayBeBilled: true });
  });

  test("an abandoned request is aborted and may be billed; one that was never sent is not", async () => {
    const stop = new AbortController();
    mock.on({ userMessage: "what pays?" }, async () => {
      stop.abort();
      await Bun.sleep(1_000);
      return { content: "late" };
    });
    const model = create();
    const thrown = await failureOf(ask(model, { signal: stop.signal }));
    const unsent = await failureOf(ask(model, { signal: stop.signal }));

    expect(thrown).toMatchObject({ failure: "aborted", mayBeBilled: true });
    expect(unsent).toMatchObject({ failure: "aborted", mayBeBilled: false });
  });

  test("a line that is cut is a failure of the network or the protocol, and may be billed", async () => {
    mock.on({ userMessage: "what pays?" }, { content: "half of an answer" });
    mock.setChaos({ disconnectRate: 1 });
    const thrown = await failureOf(ask(create()));
    expect(["network", "protocol"]).toContain(thrown.failure);
    expect(thrown.mayBeBilled).toBe(true);
  });

  test("a broken body is a failure of the protocol", async () => {
    mock.on({ userMessage: "what pays?" }, { content: "BTC." });
    mock.setChaos({ malformedRate: 1 });
    expect(await failureOf(ask(create()))).toMatchObject({ failure: "protocol" });
  });
});

test.each([
  ["Anthropic", anthropic],
  ["OpenAI", openai],
] as const)("%s that nobody serves cannot be reached and bills nothing", async (_name, create) => {
  const gone = Bun.serve({ port: 0, fetch: () => new Response() });
  const baseUrl = `http://127.0.0.1:${gone.port}`;
  await gone.stop(true);
  const model =
    create === anthropic
      ? createAnthropicModel({ ...common, model: "m", baseUrl })
      : createOpenAiCompatibleModel({ ...common, provider: "openai", model: "m", baseUrl });

  const thrown = await failureOf(model.reply(modelRequest()));
  expect(thrown).toMatchObject({ failure: "network", mayBeBilled: false });
});
