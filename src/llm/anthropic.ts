import Anthropic from "@anthropic-ai/sdk";
import { z } from "zod";
import {
  type LanguageModel,
  ModelError,
  type ModelMessage,
  type ModelReply,
  type ModelRequest,
} from "#src/ports/language-model.ts";
import { asModelError } from "./model-errors.ts";

const envelope = z.object({
  content: z.array(
    z.union([
      z.object({ type: z.literal("text"), text: z.string() }),
      z.object({
        type: z.literal("tool_use"),
        id: z.string(),
        name: z.string(),
        input: z.unknown(),
      }),
      z.object({ type: z.string() }).transform(() => ({ type: "other" as const })),
    ]),
  ),
  stop_reason: z.string().nullable(),
  usage: z.object({
    input_tokens: z.number().nullish(),
    cache_creation_input_tokens: z.number().nullish(),
    cache_read_input_tokens: z.number().nullish(),
    output_tokens: z.number().nullish(),
  }),
});

/** Claude over messages.create: one request a step, our own loop around it. */
export function createAnthropicModel(options: {
  readonly apiKey: string;
  readonly model: string;
  readonly baseUrl?: string;
  readonly timeoutMs?: number;
}): LanguageModel {
  const client = new Anthropic({
    apiKey: options.apiKey,
    timeout: options.timeoutMs ?? 60_000,
    maxRetries: 1,
    ...(options.baseUrl ? { baseURL: options.baseUrl } : {}),
  });
  return {
    id: options.model,
    async reply(request) {
      try {
        const { signal } = request;
        return read(await client.messages.create(describe(options.model, request), { signal }));
      } catch (error) {
        throw asModelError(error);
      }
    },
  };
}

function describe(model: string, request: ModelRequest): Anthropic.MessageCreateParamsNonStreaming {
  return {
    model,
    max_tokens: request.maxOutputTokens,
    system: request.system,
    messages: toMessages(request.messages),
    tools: request.tools.map((tool) => ({
      name: tool.name,
      description: tool.description,
      input_schema: { type: "object", ...tool.inputSchema },
    })),
    tool_choice: { type: "auto", disable_parallel_tool_use: true },
  };
}

/** All results of one reply's calls go back in a single user message, as the API asks. */
function toMessages(messages: readonly ModelMessage[]): Anthropic.MessageParam[] {
  const result: Anthropic.MessageParam[] = [];
  for (const message of messages) {
    if (message.role === "user") result.push({ role: "user", content: message.text });
    if (message.role === "assistant") {
      const text = message.text ? [{ type: "text" as const, text: message.text }] : [];
      const calls = message.calls.map((call) => ({
        type: "tool_use" as const,
        id: call.id,
        name: call.name,
        input: parseInput(call.argumentsJson),
      }));
      result.push({ role: "assistant", content: [...text, ...calls] });
    }
    if (message.role === "tool") {
      const block = {
        type: "tool_result" as const,
        tool_use_id: message.callId,
        content: message.json,
      };
      const last = result.at(-1);
      if (last?.role === "user" && Array.isArray(last.content)) last.content.push(block);
      else result.push({ role: "user", content: [block] });
    }
  }
  return result;
}

function read(response: unknown): ModelReply {
  const parsed = envelope.safeParse(response);
  if (!parsed.success) throw new ModelError("protocol", "the reply is not a message");
  const { content, stop_reason, usage } = parsed.data;
  const texts = content.flatMap((block) => ("text" in block ? [block.text] : []));
  const calls = content.flatMap((block) =>
    "name" in block
      ? [{ id: block.id, name: block.name, argumentsJson: JSON.stringify(block.input ?? {}) }]
      : [],
  );
  return {
    text: texts.join(""),
    calls,
    stop: stopOf(stop_reason),
    inputTokens:
      (usage.input_tokens ?? 0) +
      (usage.cache_creation_input_tokens ?? 0) +
      (usage.cache_read_input_tokens ?? 0),
    outputTokens: usage.output_tokens ?? 0,
  };
}

function stopOf(reason: string | null): ModelReply["stop"] {
  if (reason === "tool_use") return "toolCalls";
  if (reason === "refusal") return "refused";
  return reason === "max_tokens" || reason === "model_context_window_exceeded" ? "length" : "end";
}

function parseInput(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return {};
  }
}
