import type { LanguageModel, ModelMessage, ModelReply } from "#src/ports/language-model.ts";
import { describeToolResult } from "./describe-tool-result.ts";
import { type Intent, tickerOf, understand } from "./understand.ts";

const NOTICE = "No language model is configured, so I answer by rules. ";
const EXAMPLES =
  'I understand questions such as "what are the best rates?", "what pays best after costs?", "hedge BTC", "close BTC", "how is the BTC hedge doing?", "how much did we earn?" and "why did you not take SOL?". /help lists the commands.';
const SIZED = "Sizes are set by code, never by a message. ";

/** Used when no key is set: reads plain questions by rules and reads tool results out as they are. */
export function createOfflineModel(): LanguageModel {
  return {
    id: "offline",
    async reply({ messages }) {
      const last = messages.at(-1);
      const notice = isFirstAnswer(messages) ? NOTICE : "";
      if (last?.role === "tool") {
        const intent = understand(lastQuestion(messages));
        const sized = intent.kind === "open" && intent.sized ? SIZED : "";
        return say(`${notice}${sized}${describeToolResult(last.name, last.json)}`);
      }
      return decide(understand(lastQuestion(messages)), notice);
    },
  };
}

function decide(intent: Intent, notice: string): ModelReply {
  switch (intent.kind) {
    case "rates":
      return call("get_rates", { asset: intent.asset });
    case "best":
      return call("find_opportunities", { asset: intent.asset });
    case "status":
      return call("get_status", {});
    case "performance":
      return call("get_performance", {});
    case "why":
      return call("explain_decision", { asset: intent.asset });
    case "open":
      return call("propose_hedge", { asset: tickerOf(intent.asset), candidateId: null });
    case "close":
      return intent.what
        ? call("propose_close", { hedge: tickerOf(intent.what) })
        : say(`${notice}Which hedge? For example: close BTC. /hedges shows what is open.`);
    case "unclear":
      return say(`${notice}${EXAMPLES}`);
  }
}

function call(name: string, input: Readonly<Record<string, unknown>>): ModelReply {
  const calls = [{ id: `offline_${name}`, name, argumentsJson: JSON.stringify(input) }];
  return { text: "", calls, stop: "toolCalls", inputTokens: 0, outputTokens: 0 };
}

function say(text: string): ModelReply {
  return { text, calls: [], stop: "end", inputTokens: 0, outputTokens: 0 };
}

function lastQuestion(messages: readonly ModelMessage[]): string {
  const asked = messages.filter((message) => message.role === "user").at(-1);
  return asked?.text ?? "";
}

/** True until something has been said in this chat: the notice is given once. */
function isFirstAnswer(messages: readonly ModelMessage[]): boolean {
  return !messages.some((message) => message.role === "assistant" && message.calls.length === 0);
}
