import type { Secrets } from "#config/load.ts";
import type { Settings } from "#config/schema.ts";
import { OperatorError } from "#src/core/errors.ts";
import { createOfflineModel } from "#src/llm/offline-model.ts";
import { createRedactedModel } from "#src/llm/redacted-model.ts";
import type { LanguageModel } from "#src/ports/language-model.ts";

/**
 * The configured model, or the offline one when no key is set; it never reads a secret. A vendor's library
 * is loaded with the first question: /kill is heard before that.
 */
export function chooseModel(
  settings: Settings,
  secrets: Secrets,
  redact: (text: string) => string,
): LanguageModel {
  return createRedactedModel(configuredModel(settings, secrets), redact);
}

function configuredModel({ model }: Settings, { modelKey }: Secrets): LanguageModel {
  const { provider, name, baseUrl } = model;
  if (provider === "offline" || modelKey === null) return createOfflineModel();
  if (name === "") throw new OperatorError("config/settings.toml: model.name is empty");
  const options = { apiKey: modelKey, model: name, ...(baseUrl ? { baseUrl } : {}) };
  return createLateModel(name, async () =>
    provider === "anthropic"
      ? (await import("#src/llm/anthropic.ts")).createAnthropicModel(options)
      : (await import("#src/llm/openai-compatible.ts")).createOpenAiCompatibleModel(options),
  );
}

function createLateModel(id: string, load: () => Promise<LanguageModel>): LanguageModel {
  let loading: Promise<LanguageModel> | null = null;
  return {
    id,
    async reply(request) {
      loading ??= load();
      return (await loading).reply(request);
    },
  };
}
