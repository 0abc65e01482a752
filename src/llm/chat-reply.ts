import { z } from "zod";
import {
  ModelError,
  type ModelMessage,
  type ModelReply,
  type ModelToolCall,
  type ModelUsage,
} from "#src/ports/language-model.ts";
import { takeChatEcho } from "./chat-echo.ts";
import type { Preset } from "./presets.ts";

const tokens = z.int().nonnegative().nullish();

/** The names that the endpoints have for the same figures. */
const usageSchema = z.object({
  prompt_tokens: tokens,
  completion_tokens: tokens,
  total_tokens: tokens,
  prompt_tokens_details: z.object({ cached_tokens: tokens, cache_write_tokens: tokens }).nullish(),
  // DeepSeek's
  prompt_cache_hit_tokens: tokens,
});

const callSchema = z.looseObject({
  id: z.string().nullish(),
  function: z.object({
    name: z.string().min(1),
    // Some endpoints send an object where the dialect says text.
    arguments: z.unknown().optional(),
  }),
});

const envelope = z.object({
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        message: z.looseObject({
          content: z.string().nullish(),
          refusal: z.string().nullish(),
          tool_calls: z.array(callSchema).nullish(),
        }),
      }),
    )
    .min(1),
  usage: usageSchema.nullish().catch(null),
});

/** A whole chat completion, checked, in our words. */
export function readChatReply(
  options: {
    readonly model: string;
    readonly preset: Preset;
    readonly echoKey: string;
    readonly messages: readonly ModelMessage[];
  },
  response: unknown,
): ModelReply {
  const parsed = envelope.safeParse(response);
  const choice = parsed.data?.choices[0];
  if (!choice) throw new ModelError("protocol", "the reply is not a chat completion");
  const { message, finish_reason } = choice;
  const rawCalls = message.tool_calls ?? [];
  const stop = message.refusal ? "refused" : stopOf(finish_reason ?? "stop", rawCalls.length > 0);
  if (stop === "toolCalls" && rawCalls.length === 0) {
    throw new ModelError("protocol", "the reply announces calls and has none");
  }
  const calls = readCalls(rawCalls, options.messages);
  const echo =
    stop === "toolCalls"
      ? takeChatEcho(
          options.preset,
          message,
          rawCalls.map((raw, index) => ({ id: calls[index]?.id ?? "", raw })),
        )
      : null;
  return {
    modelId: options.model,
    text: message.content ?? "",
    // Those of a cut or refused reply may be half of what was meant.
    calls: stop === "toolCalls" ? calls : [],
    stop,
    usage: usageOf(parsed.data?.usage ?? null),
    echo: echo ? { provider: options.echoKey, payload: echo } : null,
  };
}

/** An id names a call within its turn: one that is missing, or was there before, is made by us. */
function readCalls(
  raw: readonly z.infer<typeof callSchema>[],
  messages: readonly ModelMessage[],
): readonly ModelToolCall[] {
  const known = new Set(
    messages.flatMap((one) => (one.role === "assistant" ? one.calls.map(({ id }) => id) : [])),
  );
  return raw.map((call, index) => {
    const given = call.id ?? "";
    const id = given === "" || known.has(given) ? `call_${messages.length}_${index}` : given;
    known.add(id);
    return { id, name: call.function.name, argumentsJson: asText(call.function.arguments) };
  });
}

/** Cached tokens are among the prompt's. Thoughts are sometimes only in the total. */
function usageOf(used: z.infer<typeof usageSchema> | null): ModelUsage | null {
  // No question has no tokens: an endpoint that says so does not count.
  if (!used?.prompt_tokens || used.completion_tokens == null) return null;
  const { prompt_tokens, completion_tokens, total_tokens, prompt_tokens_details } = used;
  const cached = prompt_tokens_details?.cached_tokens ?? used.prompt_cache_hit_tokens ?? 0;
  const cacheReadTokens = Math.min(cached, prompt_tokens);
  const written = prompt_tokens_details?.cache_write_tokens ?? 0;
  const cacheWriteTokens = Math.min(written, prompt_tokens - cacheReadTokens);
  return {
    inputTokens: prompt_tokens - cacheReadTokens - cacheWriteTokens,
    cacheReadTokens,
    cacheWriteTokens,
    outputTokens: Math.max(completion_tokens, (total_tokens ?? 0) - prompt_tokens),
  };
}

function stopOf(reason: string, hasCalls: boolean): ModelReply["stop"] {
  switch (reason) {
    case "tool_calls":
    case "function_call":
      return "toolCalls";
    case "stop":
      // Some endpoints end every whole reply with this word.
      return hasCalls ? "toolCalls" : "end";
    case "content_filter":
      return "refused";
    case "length":
      return "length";
    case "insufficient_system_resource":
      throw new ModelError("overloaded", "the provider had no room to finish");
    default:
      throw new ModelError("protocol", "the reply ended for a reason that is unknown");
  }
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? {});
}
