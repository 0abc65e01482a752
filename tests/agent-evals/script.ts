import {
  type LanguageModel,
  ModelError,
  type ModelFailure,
  type ModelReply,
  type ModelRequest,
} from "#src/ports/language-model.ts";
import { replyOf } from "#tests/support/scripted-model.ts";

export type Step =
  | Partial<ModelReply>
  | ModelError
  | ((request: ModelRequest) => Partial<ModelReply>)
  /** Nothing comes until the script is told what. */
  | typeof HOLD;

export const HOLD = "hold";
const USAGE = { inputTokens: 1_000, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 100 };

/** Two models that say what one script tells them, whichever is asked. */
export interface Script {
  readonly first: LanguageModel;
  readonly second: LanguageModel;
  readonly requests: { readonly by: string; readonly request: ModelRequest }[];
  add(steps: readonly Step[]): void;
  left(): number;
  /** Forgets what was not asked for. */
  drop(): void;
  /** Ends the oldest wait. */
  release(step: Exclude<Step, typeof HOLD>): void;
  held(): number;
}

export function createScript(): Script {
  const steps: Step[] = [];
  const requests: Script["requests"] = [];
  const holds: ((step: Exclude<Step, typeof HOLD>) => void)[] = [];

  function model(id: string): LanguageModel {
    return {
      id,
      async reply(request) {
        requests.push({ by: id, request });
        const step = steps.shift();
        if (!step) throw new Error(`${id} was asked once more than its script knows`);
        const now = step === HOLD ? await heldUntil(request.signal) : step;
        if (now instanceof ModelError) throw now;
        const part = typeof now === "function" ? now(request) : now;
        const reply = replyOf({ usage: USAGE, ...part, modelId: id });
        if (reply.text !== "") request.onText?.(reply.text);
        return reply;
      },
    };
  }

  function heldUntil(signal: AbortSignal): Promise<Exclude<Step, typeof HOLD>> {
    const hold = Promise.withResolvers<Exclude<Step, typeof HOLD>>();
    holds.push(hold.resolve);
    signal.addEventListener("abort", () => {
      const at = holds.indexOf(hold.resolve);
      if (at >= 0) holds.splice(at, 1);
      hold.reject(new ModelError("aborted", "stopped"));
    });
    return hold.promise;
  }

  return {
    ...{ first: model("first"), second: model("second"), requests },
    add: (more) => void steps.push(...more),
    left: () => steps.length,
    drop: () => void steps.splice(0),
    release: (step) => holds.shift()?.(step),
    held: () => holds.length,
  };
}

export function says(text: string): Partial<ModelReply> {
  return { text };
}

/** A reply with one call or several: a name, its arguments, the next name, … */
export function calls(...pairs: readonly unknown[]): Partial<ModelReply> {
  const list = [];
  for (let at = 0; at < pairs.length; at += 2) {
    const [name, input] = [String(pairs[at]), pairs[at + 1] ?? {}];
    const argumentsJson = typeof input === "string" ? input : JSON.stringify(input);
    callCount += 1;
    list.push({ id: `call_${callCount}`, name, argumentsJson });
  }
  return { stop: "toolCalls", calls: list };
}
let callCount = 0;

export function fails(failure: ModelFailure, retryAfterMs: number | null = null): ModelError {
  return new ModelError(failure, "canary: the provider's own words", {
    ...{ retryAfterMs, mayBeBilled: failure === "timeout" },
  });
}

/** The newest tool result that the model was shown. */
export function lastResult({ messages }: ModelRequest): Record<string, unknown> {
  const last = messages.findLast((message) => message.role === "tool");
  return Object(JSON.parse(last?.json ?? "{}"));
}
