import type { Settings } from "#config/schema.ts";
import { ZERO } from "#src/core/decimal.ts";
import { createChainModel } from "#src/llm/chain-model.ts";
import { createMeteredModel, type MeterOptions } from "#src/llm/metered-model.ts";
import type { ModelBudgets } from "#src/llm/model-budget.ts";
import { microUsd } from "#src/llm/model-cost.ts";
import { createOfflineModel } from "#src/llm/offline-model.ts";
import { createRedactedModel } from "#src/llm/redacted-model.ts";
import { createRetryingModel } from "#src/llm/retrying-model.ts";
import type { Clock } from "#src/ports/clock.ts";
import { type LanguageModel, ModelError } from "#src/ports/language-model.ts";
import { type ModelInUse, type ModelSources, modelsInUse } from "./models-in-use.ts";

export type ModelParts = ModelSources &
  Pick<MeterOptions, "store" | "clock" | "log"> & {
    readonly redact: (text: string) => string;
  };

/**
 * So late a second attempt may begin: the next of the chain, or the rules, must still be able to answer
 * within the turn, and a scan waits for nobody longer than a minute.
 */
const RETRY_WINDOW_MS = 30_000;

const FREE = { input: ZERO, cachedInput: ZERO, cacheWrite: ZERO, output: ZERO };

/**
 * Who answers the chat: the configured models in their order, then the rules. None of them ever reads a
 * secret, and every request is booked. A vendor's library is loaded with the first question: /kill is
 * heard before that.
 */
export function chooseModel(parts: ModelParts): LanguageModel {
  const named = modelsInUse(parts, "chat");
  const asked = named.filter(({ canBeAsked }) => canBeAsked);
  const models = asked.map((one) => createVendorModel(parts, one));
  const offline = createMeteredModel(createOfflineModel(offlineNotice(named, asked)), {
    ...{ provider: "offline", prices: FREE, budgets: budgetsOf(parts.settings) },
    ...{ store: parts.store, clock: parts.clock, log: parts.log },
  });
  return createRedactedModel(createChainModel([...models, offline]), parts.redact);
}

/**
 * Who votes on scans, one model each and nobody behind it. One without a key stays and fails: were it
 * left out, fewer votes than the owner asked for would open.
 */
export function chooseScanModels(parts: ModelParts): readonly LanguageModel[] {
  return modelsInUse(parts, "scan").map((one) =>
    one.canBeAsked
      ? createRedactedModel(createVendorModel(parts, one), parts.redact)
      : createKeylessModel(one),
  );
}

function createVendorModel(parts: ModelParts, model: ModelInUse): LanguageModel {
  const { entry } = model;
  const { store, clock, log } = parts;
  const metered = createMeteredModel(createLateModel(model, clock), {
    provider: entry.provider,
    prices: {
      input: entry.inputUsdPerMillion,
      cachedInput: entry.cachedInputUsdPerMillion,
      cacheWrite: entry.cacheWriteUsdPerMillion ?? entry.inputUsdPerMillion,
      output: entry.outputUsdPerMillion,
    },
    budgets: budgetsOf(parts.settings),
    ...{ store, clock, log },
  });
  return createRetryingModel(metered, { clock, windowMs: RETRY_WINDOW_MS });
}

function createLateModel(model: ModelInUse, clock: Clock): LanguageModel {
  let loading: Promise<LanguageModel> | null = null;
  return {
    id: model.entry.name,
    async reply(request) {
      loading ??= loadModel(model, clock);
      return (await loading).reply(request);
    },
  };
}

async function loadModel({ entry, apiKey }: ModelInUse, clock: Clock): Promise<LanguageModel> {
  const { provider, name, baseUrl } = entry;
  if (provider === "anthropic") {
    const { createAnthropicModel } = await import("#src/llm/anthropic.ts");
    return createAnthropicModel({ apiKey: apiKey ?? "", model: name, baseUrl, clock });
  }
  const { createOpenAiCompatibleModel } = await import("#src/llm/openai-compatible.ts");
  return createOpenAiCompatibleModel({ provider, apiKey, model: name, baseUrl, clock });
}

function createKeylessModel({ entry, keyName }: ModelInUse): LanguageModel {
  return {
    id: entry.name,
    reply: async () => {
      throw new ModelError("unauthorised", `${keyName} is not set`, { mayBeBilled: false });
    },
  };
}

function budgetsOf({ model }: Pick<Settings, "model">): ModelBudgets {
  return {
    perDay: { chat: microUsd(model.chatUsdPerDay), scan: microUsd(model.scanUsdPerDay) },
    perTurn: microUsd(model.chatUsdPerTurn),
  };
}

/** Undefined: its own, that none is configured. Null: the chain says why. */
function offlineNotice(
  named: readonly ModelInUse[],
  asked: readonly ModelInUse[],
): string | null | undefined {
  const [first] = named;
  if (!first) return undefined;
  return asked.length > 0
    ? null
    : `${first.entry.name} has no key (${first.keyName} is not set), so I answer by rules.`;
}
