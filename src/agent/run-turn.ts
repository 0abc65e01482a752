import { describeError } from "#src/core/errors.ts";
import type { Clock } from "#src/ports/clock.ts";
import {
  type LanguageModel,
  ModelError,
  type ModelFailure,
  type ModelMessage,
} from "#src/ports/language-model.ts";
import type { Logger } from "#src/ports/logger.ts";
import type { Store } from "#src/ports/store.ts";
import type { AgentTool, ToolContext } from "#tools/tool.ts";
import { checkClaims } from "./check-claims.ts";
import { recallConversation, rememberTurn } from "./conversation.ts";
import { gateToolCall } from "./gate-tool-call.ts";
import { type RenderedReply, renderReply } from "./render-reply.ts";

const MAX_STEPS = 8;
const TURN_MS = 90_000;
const MAX_OUTPUT_TOKENS = 2_000;
const LONGEST_QUESTION = 4_000;

export interface AgentOptions {
  readonly model: LanguageModel;
  readonly tools: readonly AgentTool[];
  readonly toolContext: ToolContext;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly system: string;
  readonly redact: (text: string) => string;
}

export interface Agent {
  /** One answer to one message. Never throws: a failure is a plain sentence. */
  handle(chatId: number, text: string): Promise<RenderedReply>;
}

const FAILURES: Readonly<Record<ModelFailure, string>> = {
  rateLimited: "The language model is limiting us",
  overloaded: "The language model is overloaded",
  unauthorised: "The language model refuses the key",
  badRequest: "The language model did not take the question",
  network: "The language model cannot be reached",
  timeout: "The language model took too long",
  aborted: "The answer was stopped",
  protocol: "The language model answered something unreadable",
};

/** Our own loop over the language-model port: ask, run the tools it names, ask again. */
export function createAgent(options: AgentOptions): Agent {
  const busy = new Set<number>();
  return {
    async handle(chatId, text) {
      if (busy.has(chatId)) return renderReply("I am still working on your last question.");
      busy.add(chatId);
      try {
        // What the owner typed is remembered: a key that was pasted into the chat must not be.
        const question = options.redact(text).slice(0, LONGEST_QUESTION);
        return renderReply(await answer(options, chatId, question));
      } catch (error) {
        options.log.warn("turnFailed", { error: describeError(error) });
        const what = error instanceof ModelError ? FAILURES[error.failure] : "Something went wrong";
        return renderReply(
          `${what}. Nothing was traded. Commands work without it: /best, /hedges, /kill.`,
        );
      } finally {
        busy.delete(chatId);
      }
    },
  };
}

async function answer(options: AgentOptions, chatId: number, question: string): Promise<string> {
  const { store, clock } = options;
  const limit = new AbortController();
  const ended = new AbortController();
  void clock.sleep(TURN_MS, ended.signal).then(() => limit.abort());
  try {
    const history = recallConversation(store, chatId);
    const text = await converse(
      options,
      [...history, { role: "user", text: question }],
      limit.signal,
    );
    const checked = checkClaims(text);
    rememberTurn(store, chatId, { question, answer: checked }, clock.wallNow());
    return checked;
  } finally {
    ended.abort();
  }
}

async function converse(
  { model, tools, toolContext, log, system }: AgentOptions,
  start: readonly ModelMessage[],
  signal: AbortSignal,
): Promise<string> {
  const messages = [...start];
  const modelTools = tools.map(({ name, description, inputSchema }) => ({
    name,
    description,
    inputSchema,
  }));
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const request = {
      system,
      messages: [...messages],
      tools: modelTools,
      maxOutputTokens: MAX_OUTPUT_TOKENS,
      signal,
    };
    const reply = await model.reply(request);
    log.info("modelStep", {
      model: model.id,
      stop: reply.stop,
      input: reply.inputTokens,
      output: reply.outputTokens,
    });
    // The calls of a reply that was cut or refused are not its decision.
    if (reply.stop !== "toolCalls" || reply.calls.length === 0)
      return finalText(reply.text, reply.stop);
    messages.push({ role: "assistant", text: reply.text, calls: reply.calls });
    for (const call of reply.calls) {
      const json = await gateToolCall(call, tools, toolContext, log);
      messages.push({ role: "tool", callId: call.id, name: call.name, json });
    }
  }
  return "That took too many steps, so I stopped. Ask something narrower; nothing was traded.";
}

function finalText(text: string, stop: string): string {
  if (text.trim() !== "") return stop === "length" ? `${text}\n\n(The answer was cut.)` : text;
  return stop === "refused"
    ? "The language model declined to answer that."
    : "The language model gave no answer. Ask again, or use /best, /status, /hedges.";
}
