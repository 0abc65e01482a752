import type OpenAI from "openai";
import type { ModelMessage, ModelRequest } from "#src/ports/language-model.ts";
import { type ChatEcho, readChatEcho } from "./chat-echo.ts";
import { portableSchema } from "./portable-schema.ts";
import type { Preset } from "./presets.ts";

type Params = OpenAI.ChatCompletionCreateParamsNonStreaming;
type Param = OpenAI.ChatCompletionMessageParam;

/** A request in the chat.completions dialect, with the accent of its endpoint. */
export function describeChatRequest(
  {
    model,
    preset,
    echoKey,
  }: { readonly model: string; readonly preset: Preset; readonly echoKey: string },
  request: ModelRequest,
): Params {
  const params: Params & Record<string, unknown> = {
    model,
    [preset.maxTokensParameter]: request.maxOutputTokens,
    messages: [
      { role: "system", content: systemText(preset, request) },
      ...request.messages.map((message) => toMessage(message, echoKey)),
      ...(request.facts ? [{ role: preset.factsRole, content: request.facts }] : []),
    ],
    ...toolParams(preset, request),
    ...answerParams(preset, request),
  };
  return preset.thinkingOff && hasForeignCalls(request.messages, echoKey)
    ? { ...params, ...preset.thinkingOff }
    : params;
}

/** Where an endpoint cannot be held to a schema it is told, always in the same words. */
function systemText(preset: Preset, { system, answer }: ModelRequest): string {
  if (!answer || preset.answerFormat === "json_schema") return system;
  const schema = JSON.stringify(answer.schema);
  return `${system}\n\nAnswer with one JSON object and nothing else. Its JSON schema: ${schema}`;
}

function toolParams(preset: Preset, { tools }: ModelRequest): Partial<Params> {
  // An empty list is refused.
  if (tools.length === 0) return {};
  return {
    tools: tools.map(({ name, description, inputSchema }) => ({
      type: "function",
      function: {
        ...{ name, description, parameters: portableSchema(inputSchema) },
        ...(preset.strictTools ? { strict: true } : {}),
      },
    })),
    ...(preset.takesParallelToolCalls ? { parallel_tool_calls: false } : {}),
  };
}

function answerParams(preset: Preset, { answer }: ModelRequest): Partial<Params> {
  if (!answer || preset.answerFormat === "prompt") return {};
  if (preset.answerFormat === "json_object") return { response_format: { type: "json_object" } };
  const schema = portableSchema(answer.schema);
  return {
    response_format: {
      type: "json_schema",
      json_schema: { name: answer.name, schema, strict: true },
    },
  };
}

function toMessage(message: ModelMessage, echoKey: string): Param {
  if (message.role === "user") return { role: "user", content: message.text };
  if (message.role === "tool") {
    return { role: "tool", tool_call_id: message.callId, content: message.json };
  }
  const echo = echoOf(message, echoKey);
  const calls = message.calls.map((call) => ({
    id: call.id,
    type: "function" as const,
    function: { name: call.name, arguments: call.argumentsJson },
    ...echo?.ofCalls[call.id],
  }));
  return {
    role: "assistant",
    content: message.text || (calls.length > 0 ? null : "…"),
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
    ...echo?.ofMessage,
  };
}

function echoOf(
  message: Extract<ModelMessage, { role: "assistant" }>,
  echoKey: string,
): ChatEcho | null {
  return message.echo?.provider === echoKey ? readChatEcho(message.echo.payload) : null;
}

/** Calls of this turn that another model made: this one's thoughts about them do not exist. */
function hasForeignCalls(messages: readonly ModelMessage[], echoKey: string): boolean {
  const asked = messages.findLastIndex((message) => message.role === "user");
  return messages
    .slice(asked + 1)
    .some(
      (message) =>
        message.role === "assistant" && message.calls.length > 0 && !echoOf(message, echoKey),
    );
}
