import OpenAI from "openai";
import type { Clock } from "#src/ports/clock.ts";
import type { LanguageModel, ModelRequest } from "#src/ports/language-model.ts";
import { askInTime, MODEL_TIMEOUT_MS } from "./ask-in-time.ts";
import { readChatReply } from "./chat-reply.ts";
import { describeChatRequest } from "./chat-request.ts";
import { createChatAssembler } from "./chat-stream.ts";
import { createOwnFetch } from "./own-fetch.ts";
import { type CompatibleProvider, PRESETS } from "./presets.ts";

/** OpenAI and every endpoint that speaks its chat.completions dialect. */
export function createOpenAiCompatibleModel(options: {
  readonly provider: CompatibleProvider;
  /** Null: the endpoint wants none. */
  readonly apiKey: string | null;
  readonly model: string;
  readonly baseUrl: string | null;
  readonly clock: Clock;
  readonly timeoutMs?: number;
}): LanguageModel {
  const { provider, model, apiKey, clock, timeoutMs = MODEL_TIMEOUT_MS } = options;
  const preset = PRESETS[provider];
  const client = createOpenAiClient({ ...options, timeoutMs });
  // What a model thought is for that model.
  const echoKey = `${provider}/${model}`;
  return {
    id: model,
    reply(request) {
      const params = describeChatRequest({ model, preset, echoKey }, request);
      return askInTime({ clock, timeoutMs, apiKey, signal: request.signal }, async (signal) => {
        const whole = request.onText
          ? await stream(client, params, signal, request.onText)
          : await client.chat.completions.create(params, { signal });
        return readChatReply({ model, preset, echoKey, messages: request.messages }, whole);
      });
    },
  };
}

/** Reads nothing of the environment, and says nothing by itself. */
export function createOpenAiClient(options: {
  readonly provider: CompatibleProvider;
  readonly apiKey: string | null;
  readonly baseUrl: string | null;
  readonly timeoutMs: number;
}): OpenAI {
  return new OpenAI({
    // The library insists on one; what is sent is ours.
    apiKey: options.apiKey ?? "none",
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    // Never absent: the library would ask the environment.
    baseURL: options.baseUrl ?? PRESETS[options.provider].baseUrl ?? "http://127.0.0.1:9/",
    fetch: createOwnFetch(options.apiKey),
    timeout: options.timeoutMs,
    maxRetries: 0,
    logLevel: "off",
  });
}

async function stream(
  client: OpenAI,
  params: OpenAI.ChatCompletionCreateParamsNonStreaming,
  signal: AbortSignal,
  onText: NonNullable<ModelRequest["onText"]>,
): Promise<unknown> {
  const chunks = await client.chat.completions.create(
    { ...params, stream: true, stream_options: { include_usage: true } },
    { signal },
  );
  const assembler = createChatAssembler();
  for await (const chunk of chunks) {
    if (assembler.add(chunk)) onText(assembler.text());
  }
  return assembler.whole();
}
