import type { LanguageModel, ModelReply, ModelRequest } from "#src/ports/language-model.ts";

const NO_USAGE = { inputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 1 };

/** A whole reply from the part that matters. */
export function replyOf(part: Partial<ModelReply>): ModelReply {
  return {
    ...{ modelId: "scripted", text: "", calls: [], stop: "end", usage: NO_USAGE, echo: null },
    ...part,
  };
}

/** A reply that calls one tool. */
export function calling(name: string, input: unknown, id = "c1"): Partial<ModelReply> {
  const argumentsJson = typeof input === "string" ? input : JSON.stringify(input);
  return { stop: "toolCalls", calls: [{ id, name, argumentsJson }] };
}

type Step = Partial<ModelReply> | Error | ((request: ModelRequest) => Partial<ModelReply>);

/** A model that says what it is told, step by step (the last one for ever), and remembers what it was asked. */
export function createScriptedModel(...steps: readonly Step[]): {
  readonly model: LanguageModel;
  readonly requests: ModelRequest[];
} {
  const requests: ModelRequest[] = [];
  return {
    requests,
    model: {
      id: "scripted",
      async reply(request) {
        requests.push(request);
        const step = steps[Math.min(requests.length - 1, steps.length - 1)];
        if (step instanceof Error) throw step;
        return replyOf(typeof step === "function" ? step(request) : (step ?? {}));
      },
    },
  };
}
