import OpenAI from "openai";
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
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        message: z.object({
          content: z.string().nullish(),
          refusal: z.string().nullish(),
          tool_calls: z
            .array(
              z.object({
                id: z.string().nullish(),
                function: z.object({
                  name: z.string(),
                  // Some endpoints send an object where the dialect says text.
                  arguments: z.unknown(),
                }),
              }),
            )
            .nullish(),
        }),
      }),
    )
    .min(1),
  usage: z
    .object({ prompt_tokens: z.number().nullish(), completion_tokens: z.number().nullish() })
    .nullish(),
});

/** OpenAI and every endpoint that speaks its chat.completions dialect. */
export function createOpenAiCompatibleModel(options: {
  readonly apiKey: string;
  readonly model: string;
  readonly baseUrl?: string;
  readonly timeoutMs?: number;
}): LanguageModel {
  const client = new OpenAI({
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
        return read(
          await client.chat.completions.create(describe(options.model, request), { signal }),
        );
      } catch (error) {
        throw asModelError(error);
      }
    },
  };
}

function describe(
  model: string,
  request: ModelRequest,
): OpenAI.ChatCompletionCreateParamsNonStreaming {
  return {
    model,
    max_completion_tokens: request.maxOutputTokens,
    messages: [{ role: "system", content: request.system }, ...request.messages.map(toMessage)],
    tools: request.tools.map(({ name, description, inputSchema }) => ({
      type: "function",
      function: { name, description, parameters: inputSchema, strict: true },
    })),
    parallel_tool_calls: false,
  };
}

function toMessage(message: ModelMessage): OpenAI.ChatCompletionMessageParam {
  if (message.role === "user") return { role: "user", content: message.text };
  if (message.role === "tool") {
    return { role: "tool", tool_call_id: message.callId, content: message.json };
  }
  const calls = message.calls.map((call) => ({
    id: call.id,
    type: "function" as const,
    function: { name: call.name, arguments: call.argumentsJson },
  }));
  return {
    role: "assistant",
    content: message.text || null,
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  };
}

function read(response: unknown): ModelReply {
  const parsed = envelope.safeParse(response);
  const choice = parsed.data?.choices[0];
  if (!choice) throw new ModelError("protocol", "the reply is not a chat completion");
  const { message, finish_reason } = choice;
  const calls = (message.tool_calls ?? []).map((call, index) => ({
    id: call.id || `call_${index}`,
    name: call.function.name,
    argumentsJson: asText(call.function.arguments),
  }));
  return {
    text: message.content ?? "",
    calls,
    stop: message.refusal ? "refused" : stopOf(finish_reason ?? "stop"),
    inputTokens: parsed.data?.usage?.prompt_tokens ?? 0,
    outputTokens: parsed.data?.usage?.completion_tokens ?? 0,
  };
}

function stopOf(reason: string): ModelReply["stop"] {
  if (reason === "tool_calls" || reason === "function_call") return "toolCalls";
  if (reason === "content_filter") return "refused";
  return reason === "length" ? "length" : "end";
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? {});
}
