import type { Secrets } from "#config/load.ts";
import type { Settings } from "#config/schema.ts";
import { OperatorError } from "#src/core/errors.ts";
import { createAnthropicModel } from "#src/llm/anthropic.ts";
import { createOfflineModel } from "#src/llm/offline-model.ts";
import { createOpenAiCompatibleModel } from "#src/llm/openai-compatible.ts";
import type { LanguageModel } from "#src/ports/language-model.ts";

/** The configured model, or the offline one when no key is set. */
export function chooseModel({ model }: Settings, { modelKey }: Secrets): LanguageModel {
  if (model.provider === "offline" || modelKey === null) return createOfflineModel();
  if (model.name === "") throw new OperatorError("config/settings.toml: model.name is empty");
  const options = {
    apiKey: modelKey,
    model: model.name,
    ...(model.baseUrl ? { baseUrl: model.baseUrl } : {}),
  };
  return model.provider === "anthropic"
    ? createAnthropicModel(options)
    : createOpenAiCompatibleModel(options);
}
