import type { Secrets } from "#config/load.ts";
import type { Settings } from "#config/schema.ts";
import type { Agent } from "#src/agent/contract.ts";
import { type HoldOptions, holdTurns, type TurnRunner } from "#src/agent/hold-turns.ts";
import type { Pipeline } from "#src/pipeline/contract.ts";
import { createRandomIds } from "#src/runtime/random-ids.ts";

/** An agent that takes questions from the start and loads what answers them with the first one. */
export interface LateAgent extends Agent {
  /** Loads it now. Throws OperatorError when its model cannot be what the settings say. */
  load(): Promise<void>;
}

type Parts = Pick<HoldOptions, "store" | "clock" | "log" | "redact"> & {
  readonly pipeline: Pipeline;
  readonly settings: Settings;
  readonly secrets: Secrets;
};

export function createLateAgent(parts: Parts): LateAgent {
  let loading: Promise<TurnRunner> | null = null;
  function runner(): Promise<TurnRunner> {
    loading ??= loadRunner(parts);
    return loading;
  }
  const agent = holdTurns({ ...parts, ids: createRandomIds(), runner });
  return {
    ask: (question) => agent.ask(question),
    stop: (chatId) => agent.stop(chatId),
    stopAll: (why) => agent.stopAll(why),
    recover: () => agent.recover(),
    idle: () => agent.idle(),
    async load() {
      await runner();
    },
  };
}

async function loadRunner({ pipeline, settings, secrets, ...shared }: Parts): Promise<TurnRunner> {
  const [{ createTurnRunner }, { chooseModel }, { TOOLS }, { SYSTEM_PROMPT }] = await Promise.all([
    import("#src/agent/run-turn.ts"),
    import("./choose-model.ts"),
    import("#tools/registry.ts"),
    import("./system-prompt.ts"),
  ]);
  return createTurnRunner({
    ...shared,
    ...{ system: SYSTEM_PROMPT, tools: TOOLS, toolContext: { pipeline } },
    model: chooseModel({ ...shared, settings, secrets }),
  });
}
