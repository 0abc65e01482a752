import type { Secrets } from "#config/load.ts";
import type { Settings } from "#config/schema.ts";
import type { Agent, AgentOptions } from "#src/agent/run-turn.ts";
import type { Pipeline } from "#src/pipeline/contract.ts";

/** An agent whose code is loaded when it is first wanted: nobody who sends /kill waits for it. */
export interface LateAgent extends Agent {
  /** Loads it now. Throws OperatorError when its model cannot be what the settings say. */
  load(): Promise<void>;
}

export function createLateAgent(
  parts: Pick<AgentOptions, "store" | "clock" | "log" | "redact"> & {
    readonly pipeline: Pipeline;
    readonly settings: Settings;
    readonly secrets: Secrets;
  },
): LateAgent {
  let loading: Promise<Agent> | null = null;
  function load(): Promise<Agent> {
    loading ??= loadAgent(parts);
    return loading;
  }
  return {
    handle: async (chatId, text) => (await load()).handle(chatId, text),
    async load() {
      await load();
    },
  };
}

async function loadAgent({
  pipeline,
  settings,
  secrets,
  ...shared
}: Parameters<typeof createLateAgent>[0]): Promise<Agent> {
  const [{ createAgent }, { chooseModel }, { TOOLS }, { SYSTEM_PROMPT }] = await Promise.all([
    import("#src/agent/run-turn.ts"),
    import("./choose-model.ts"),
    import("#tools/registry.ts"),
    import("./system-prompt.ts"),
  ]);
  return createAgent({
    ...shared,
    ...{ system: SYSTEM_PROMPT, tools: TOOLS, toolContext: { pipeline } },
    model: chooseModel(settings, secrets, shared.redact),
  });
}
