import type Anthropic from "@anthropic-ai/sdk";
import { z } from "zod";
import type { ModelMessage, ModelRequest } from "#src/ports/language-model.ts";
import { portableSchema } from "./portable-schema.ts";

/** The provider keeps what stands before such a mark and bills it less the next time. */
const KEEP = { cache_control: { type: "ephemeral" } } as const;

const blocks = z.array(z.looseObject({ type: z.string() })).min(1);

/**
 * Tools, instructions and the conversation are the same from step to step, so they come first and are
 * kept; what is true only now comes last, after the second mark.
 */
export function describeAnthropicRequest(
  model: string,
  echoKey: string,
  request: ModelRequest,
): Anthropic.MessageCreateParamsNonStreaming {
  const tools = request.tools.map((tool) => ({
    name: tool.name,
    description: tool.description,
    input_schema: { type: "object" as const, ...portableSchema(tool.inputSchema) },
    strict: true,
  }));
  return {
    model,
    max_tokens: request.maxOutputTokens,
    system: [{ type: "text", text: request.system, ...KEEP }],
    messages: withFacts(toMessages(request.messages, echoKey), request.facts),
    ...(tools.length > 0
      ? { tools, tool_choice: { type: "auto", disable_parallel_tool_use: true } }
      : {}),
    ...(request.answer
      ? {
          output_config: {
            format: { type: "json_schema", schema: portableSchema(request.answer.schema) },
          },
        }
      : {}),
  };
}

type UserBlock = Anthropic.TextBlockParam | Anthropic.ToolResultBlockParam;
type Said =
  | { role: "user"; content: UserBlock[] }
  | { role: "assistant"; content: Anthropic.ContentBlockParam[] };

/** Everything between two replies is one user message: results first, as the API asks. */
function toMessages(messages: readonly ModelMessage[], echoKey: string): Said[] {
  const said: Said[] = [];
  for (const message of messages) {
    if (message.role === "assistant") {
      const content = assistantBlocks(message, echoKey);
      if (content.length > 0) said.push({ role: "assistant", content });
      continue;
    }
    const block = userBlock(message);
    const last = said.at(-1);
    if (last?.role === "user") last.content.push(block);
    else said.push({ role: "user", content: [block] });
  }
  return said;
}

function userBlock(message: Exclude<ModelMessage, { role: "assistant" }>): UserBlock {
  return message.role === "tool"
    ? { type: "tool_result", tool_use_id: safeId(message.callId), content: message.json }
    : // An empty text is refused.
      { type: "text", text: message.text || "…" };
}

function assistantBlocks(
  message: Extract<ModelMessage, { role: "assistant" }>,
  echoKey: string,
): Anthropic.ContentBlockParam[] {
  const echoed =
    message.echo?.provider === echoKey ? blocks.safeParse(message.echo.payload).data : null;
  // As it came, signatures and all: a changed thought is refused.
  if (echoed) return echoed as unknown as Anthropic.ContentBlockParam[];
  const text = message.text ? [{ type: "text" as const, text: message.text }] : [];
  const calls = message.calls.map((call) => ({
    type: "tool_use" as const,
    id: safeId(call.id),
    name: call.name,
    input: parseInput(call.argumentsJson),
  }));
  return [...text, ...calls];
}

function withFacts(messages: Said[], facts: string | null): Anthropic.MessageParam[] {
  const last = messages.at(-1);
  if (last?.role !== "user") return messages;
  const kept = last.content.at(-1);
  if (kept) kept.cache_control = KEEP.cache_control;
  if (facts) last.content.push({ type: "text", text: facts });
  return messages;
}

/** Another provider's id may have characters that this one refuses. */
function safeId(id: string): string {
  return id.replace(/[^\w-]/g, "_");
}

function parseInput(json: string): unknown {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
}
