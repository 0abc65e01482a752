import Anthropic from "@anthropic-ai/sdk";
import { z } from "zod";
import type { Clock } from "#src/ports/clock.ts";
import {
  type LanguageModel,
  ModelError,
  type ModelReply,
  type ModelRequest,
} from "#src/ports/language-model.ts";
import { describeAnthropicRequest } from "./anthropic-request.ts";
import { askInTime, MODEL_TIMEOUT_MS } from "./ask-in-time.ts";
import { createOwnFetch } from "./own-fetch.ts";

/** The version of the API that this library was made for. */
const API_VERSION = "2026-10-21";
const ENDPOINT = "https://api.anthropic.com";

const tokens = z.int().nonnegative().nullish();
const usage = z.object({
  input_tokens: tokens,
  cache_creation_input_tokens: tokens,
  cache_read_input_tokens: tokens,
  output_tokens: tokens,
});
const envelope = z.object({
  content: z.array(z.looseObject({ type: z.string() })),
  stop_reason: z.string().nullable(),
  usage: usage.nullish().catch(null),
});
const textBlock = z.object({ type: z.literal("text"), text: z.string() });
const callBlock = z.object({
  type: z.literal("tool_use"),
  id: z.string().min(1),
  name: z.string(),
  input: z.unknown().optional(),
});

export interface AdapterOptions {
  readonly apiKey: string;
  readonly model: string;
  readonly baseUrl: string | null;
  readonly clock: Clock;
  readonly timeoutMs?: number;
}

/** Claude: one request a step, our own loop around it. */
export function createAnthropicModel(options: AdapterOptions): LanguageModel {
  const { model, apiKey, clock, timeoutMs = MODEL_TIMEOUT_MS } = options;
  const client = createAnthropicClient({ ...options, timeoutMs });
  // Thoughts are signed for the model that had them.
  const echoKey = `anthropic/${model}`;
  return {
    id: model,
    reply(request) {
      const params = describeAnthropicRequest(model, echoKey, request);
      return askInTime({ clock, timeoutMs, apiKey, signal: request.signal }, async (signal) => {
        const message = request.onText
          ? await stream(client, params, signal, request.onText)
          : await client.messages.create(params, { signal });
        return read(model, echoKey, message);
      });
    },
  };
}

/** Reads nothing of the environment, and says nothing by itself. */
export function createAnthropicClient(options: {
  readonly apiKey: string;
  readonly baseUrl: string | null;
  readonly timeoutMs: number;
}): Anthropic {
  return new Anthropic({
    apiKey: options.apiKey,
    baseURL: options.baseUrl ?? ENDPOINT,
    webhookKey: null,
    fetch: createOwnFetch(options.apiKey, { "anthropic-version": API_VERSION }),
    timeout: options.timeoutMs,
    maxRetries: 0,
    logLevel: "off",
    openTelemetry: false,
  });
}

async function stream(
  client: Anthropic,
  params: Anthropic.MessageCreateParamsNonStreaming,
  signal: AbortSignal,
  onText: NonNullable<ModelRequest["onText"]>,
): Promise<unknown> {
  const running = client.messages.stream(params, { signal });
  running.on("text", (_more, soFar) => onText(soFar));
  return running.finalMessage();
}

function read(model: string, echoKey: string, response: unknown): ModelReply {
  const parsed = envelope.safeParse(response);
  if (!parsed.success) throw new ModelError("protocol", "the reply is not a message");
  const { content, stop_reason, usage: used } = parsed.data;
  const stop = stopOf(stop_reason);
  const texts = content.flatMap((block) => textBlock.safeParse(block).data?.text ?? []);
  const calls = content
    .filter((block) => block.type === "tool_use")
    .map((block) => {
      const call = callBlock.safeParse(block).data;
      if (!call) throw new ModelError("protocol", "the reply has a call without a name");
      return { id: call.id, name: call.name, argumentsJson: JSON.stringify(call.input ?? {}) };
    });
  if (stop === "toolCalls" && calls.length === 0) {
    throw new ModelError("protocol", "the reply announces calls and has none");
  }
  return {
    modelId: model,
    text: texts.join(""),
    // Those of a cut or refused reply may be half of what was meant.
    calls: stop === "toolCalls" ? calls : [],
    stop,
    usage: used ? usageOf(used) : null,
    echo: stop === "toolCalls" ? { provider: echoKey, payload: content } : null,
  };
}

function usageOf(used: z.infer<typeof usage>): ModelReply["usage"] {
  if (used.input_tokens == null || used.output_tokens == null) return null;
  const counted = {
    inputTokens: used.input_tokens,
    cacheWriteTokens: used.cache_creation_input_tokens ?? 0,
    cacheReadTokens: used.cache_read_input_tokens ?? 0,
    outputTokens: used.output_tokens,
  };
  // No question has no tokens: an endpoint that says so does not count.
  const sent = counted.inputTokens + counted.cacheWriteTokens + counted.cacheReadTokens;
  return sent > 0 ? counted : null;
}

function stopOf(reason: string | null): ModelReply["stop"] {
  switch (reason) {
    case "tool_use":
      return "toolCalls";
    case "refusal":
      return "refused";
    case "end_turn":
    case "stop_sequence":
      return "end";
    case null:
      throw new ModelError("protocol", "the reply was cut off");
    default:
      // max_tokens, the end of the context window, a pause: more would have come.
      return "length";
  }
}
