import {
  type LanguageModel,
  ModelError,
  type ModelFailure,
  type ModelMessage,
  type ModelReply,
  type ModelRequest,
} from "#src/ports/language-model.ts";
import { createScriptedModel } from "#tests/support/scripted-model.ts";

/** A question as the agent asks it; `over` changes what a test is about. */
export function modelRequest(over: Partial<ModelRequest> = {}): ModelRequest {
  return {
    purpose: "chat",
    subjectId: "T-1",
    system: "You are a test.",
    messages: [{ role: "user", text: "what pays?" }],
    facts: null,
    tools: [RATES_TOOL],
    maxOutputTokens: 200,
    signal: new AbortController().signal,
    ...over,
  };
}

const RATES_TOOL = {
  name: "get_rates",
  description: "rates",
  inputSchema: {
    type: "object",
    properties: { asset: { type: ["string", "null"], maxLength: 12 } },
    required: ["asset"],
    additionalProperties: false,
  },
};

export function modelReply(over: Partial<ModelReply> = {}): ModelReply {
  return {
    ...{ modelId: "scripted", text: "BTC.", calls: [], stop: "end", echo: null },
    usage: { inputTokens: 100, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 10 },
    ...over,
  };
}

/** A scripted model with a name of its own; it notes what it was asked. */
export function createNamedModel(
  id: string,
  ...script: readonly (Partial<ModelReply> | ModelError)[]
): LanguageModel & { readonly asked: readonly ModelRequest[] } {
  const steps = script.length > 0 ? script : [{}];
  const { model, requests } = createScriptedModel(
    ...steps.map((step) =>
      step instanceof ModelError ? step : modelReply({ modelId: id, ...step }),
    ),
  );
  return { ...model, id, asked: requests };
}

/** The steps of a conversation in which a model called a tool and was answered. */
export function afterToolCall(reply: ModelReply, json = '{"btc":"1 bp"}'): readonly ModelMessage[] {
  return [
    { role: "user", text: "what pays?" },
    { role: "assistant", text: reply.text, calls: reply.calls, echo: reply.echo },
    ...reply.calls.map(({ id, name }) => ({ role: "tool" as const, callId: id, name, json })),
  ];
}

export async function failureOf(asked: Promise<unknown>): Promise<ModelError> {
  const error = await asked.then(
    () => "an answer",
    (thrown: unknown) => thrown,
  );
  if (error instanceof ModelError) return error;
  throw new Error(`no model error but ${String(error)}`);
}

export function modelError(
  failure: ModelFailure,
  options: ConstructorParameters<typeof ModelError>[2] = {},
): ModelError {
  return new ModelError(failure, `it was ${failure}`, options);
}
