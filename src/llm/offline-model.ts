import { z } from "zod";
import {
  type LanguageModel,
  ModelError,
  type ModelMessage,
  type ModelReply,
} from "#src/ports/language-model.ts";
import { describeToolResult } from "./describe-tool-result.ts";
import { type Intent, tickerOf, understand } from "./understand.ts";

const NOT_CONFIGURED = "No language model is configured, so I answer by rules.";
const EXAMPLES =
  'Without a language model I understand questions such as "what are the best rates?", "what pays best after costs?", "hedge BTC", "close BTC", "how is the BTC hedge doing?", "how much did we earn?" and "why did you not take SOL?". /help lists the commands.';
const STOPPING =
  "I stop and close nothing because of a sentence. /halt ends all opening and keeps your hedges; /kill closes everything at once and stops trading.";
const SIZED = "Sizes are set by code, never by a message. ";

const NOTHING_USED = {
  modelId: "offline",
  usage: { inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0 },
  echo: null,
} as const;

/**
 * Reads plain questions by rules and reads tool results out as they are. The notice is said once a chat;
 * null where somebody else says why rules answer.
 */
export function createOfflineModel(notice: string | null = NOT_CONFIGURED): LanguageModel {
  return {
    id: "offline",
    async reply({ messages, answer, onText }) {
      if (answer) {
        throw new ModelError("badRequest", "rules fill in no forms", { mayBeBilled: false });
      }
      const isSaid = notice === null || !isFirstAnswer(messages);
      const reply = answerByRules(messages, isSaid ? "" : `${notice} `);
      if (reply.text) onText?.(reply.text);
      return reply;
    },
  };
}

function answerByRules(messages: readonly ModelMessage[], notice: string): ModelReply {
  const last = messages.at(-1);
  if (last?.role !== "tool") return decide(understand(lastQuestion(messages)), notice);
  const question = lastQuestion(messages);
  const intent = understand(question);
  const open = intent.kind === "close" ? openSchema.safeParse(JSON.parse(last.json)).data : null;
  if (open) return whichToClose(open.hedges, notice);
  const sized = intent.kind === "open" && intent.sized ? SIZED : "";
  return say(`${notice}${sized}${describeToolResult(last.name, last.json, question)}`);
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
        : call("get_status", {});
    case "openSeveral":
      return say(
        `${notice}One at a time, because each has a card of its own: ${intent.assets.map((asset) => `"hedge ${asset}"`).join(", then ")}.`,
      );
    case "stop":
      return say(`${notice}${STOPPING}`);
    case "unclear":
      return say(`${notice}${EXAMPLES}`);
  }
}

/** The status, when it could be read. */
const openSchema = z.object({ hedges: z.array(z.object({ asset: z.string() })) });

/** Asked to close without a name that we know: everything, "it", or somebody else's. */
function whichToClose(hedges: z.infer<typeof openSchema>["hedges"], notice: string): ModelReply {
  const open = hedges.map(({ asset }) => asset);
  const [only] = open;
  if (only === undefined) return say(`${notice}Nothing is open, so there is nothing to close.`);
  if (open.length === 1) return call("propose_close", { hedge: only });
  return say(
    `${notice}Open are ${open.join(", ")}. For one of them: "close ${only}". /kill closes everything at once and stops trading.`,
  );
}

function call(name: string, input: Readonly<Record<string, unknown>>): ModelReply {
  const calls = [{ id: `offline_${name}`, name, argumentsJson: JSON.stringify(input) }];
  return { ...NOTHING_USED, text: "", calls, stop: "toolCalls" };
}

function say(text: string): ModelReply {
  return { ...NOTHING_USED, text, calls: [], stop: "end" };
}

function lastQuestion(messages: readonly ModelMessage[]): string {
  const asked = messages.filter((message) => message.role === "user").at(-1);
  return asked?.text ?? "";
}

/** True until something has been said in this chat: the notice is given once. */
function isFirstAnswer(messages: readonly ModelMessage[]): boolean {
  return !messages.some((message) => message.role === "assistant" && message.calls.length === 0);
}
