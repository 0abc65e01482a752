import { loadSettings, type Secrets } from "#config/load.ts";
import { MODEL_PROVIDERS, type ModelProvider } from "#config/model-settings.ts";
import { writeSettings } from "#tests/support/write-settings.ts";

/** A model's table with prices that nobody has. */
export function modelTable(provider: ModelProvider, over: Readonly<Record<string, unknown>> = {}) {
  return {
    ...{ provider, name: `${provider}-model` },
    ...{ inputUsdPerMillion: "1", cachedInputUsdPerMillion: "0.1", outputUsdPerMillion: "10" },
    ...(provider === "anthropic" ? { cacheWriteUsdPerMillion: "1.25" } : {}),
    ...over,
  };
}

/** Settings with these models, asked in the chat and on scans as named. */
export function modelSettings(
  models: Readonly<Record<string, object>>,
  model: Readonly<Record<string, unknown>>,
) {
  return loadSettings("operator", writeSettings({ models, model })).settings;
}

export function modelKeys(
  keys: Partial<Record<ModelProvider, string>> = {},
): Pick<Secrets, "modelKeys"> {
  const all = MODEL_PROVIDERS.map((provider) => [provider, keys[provider] ?? null] as const);
  return { modelKeys: Object.fromEntries(all) as Secrets["modelKeys"] };
}
