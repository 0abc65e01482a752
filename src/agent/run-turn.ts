import { canonicalHash } from "#src/core/canonical-hash.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Ids } from "#src/ports/ids.ts";
import type { LanguageModel, ModelTool } from "#src/ports/language-model.ts";
import type { Logger } from "#src/ports/logger.ts";
import type { Store } from "#src/ports/store.ts";
import type { AgentTool, ToolContext } from "#tools/tool.ts";
import { prepareCheck } from "./check/prepare-check.ts";
import { stateFacts } from "./check/state-facts.ts";
import type { Agent } from "./contract.ts";
import { converse } from "./converse.ts";
import { cutHistory } from "./cut-history.ts";
import { holdTurns, type TurnRunner } from "./hold-turns.ts";

export interface RunnerOptions {
  readonly model: LanguageModel;
  readonly tools: readonly AgentTool[];
  readonly toolContext: ToolContext;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly system: string;
  readonly redact: (text: string) => string;
}

export interface AgentOptions extends RunnerOptions {
  readonly ids: Ids;
}

/** What every step of every turn sends alike. */
export interface TurnParts extends RunnerOptions {
  readonly modelTools: readonly ModelTool[];
}

/** Our own loop over the language-model port: ask, run the tools it names, ask again. */
export function createAgent(options: AgentOptions): Agent {
  const runner = Promise.resolve(createTurnRunner(options));
  return holdTurns({ ...options, runner: () => runner });
}

/** The part of an agent that answers, without what holds its turns. */
export function createTurnRunner(options: RunnerOptions): TurnRunner {
  const modelTools = options.tools.map(({ name, description, inputSchema }) => ({
    ...{ name, description, inputSchema },
  }));
  const parts: TurnParts = { ...options, modelTools };
  // Answers are compared by what the model was told: the same hash, the same words.
  const promptHash = canonicalHash({ system: options.system, tools: modelTools }).slice(0, 16);
  return {
    async answer(turn, shown, signal) {
      const check = prepareCheck(parts, turn);
      // Whoever stops it sends what was shown by then.
      shown.checkWith((text) => check(text, stateFacts(parts, null) ?? ""));
      const { state, answer, steps, facts } = await converse(parts, turn, shown, signal);
      options.log.info("turnConversed", { turnId: turn.id, promptHash, steps });
      // What did not end in an answer was worded by code.
      return { state, answer: state === "answered" ? check(answer, facts) : answer };
    },
    tidy: (turn, signal) => cutHistory(parts, turn, signal),
  };
}
