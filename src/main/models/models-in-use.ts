import type { Secrets } from "#config/load.ts";
import { MODEL_KEYS } from "#config/model-settings.ts";
import type { Settings } from "#config/schema.ts";
import type { ModelPurpose } from "#src/ports/language-model.ts";

export interface ModelInUse {
  /** Its table in the settings: [models.TABLE]. */
  readonly table: string;
  readonly entry: Settings["models"][string];
  readonly apiKey: string | null;
  /** The variable that holds the key. */
  readonly keyName: string;
  readonly canBeAsked: boolean;
}

export interface ModelSources {
  readonly settings: Pick<Settings, "model" | "models">;
  readonly secrets: Pick<Secrets, "modelKeys">;
}

/** The models that the settings name for a purpose, in order, with their keys. */
export function modelsInUse(
  { settings, secrets }: ModelSources,
  purpose: ModelPurpose,
): readonly ModelInUse[] {
  return settings.model[purpose].flatMap((table) => {
    const entry = settings.models[table];
    if (!entry) return [];
    const apiKey = secrets.modelKeys[entry.provider];
    // A model on a machine of one's own asks for none.
    const canBeAsked = apiKey !== null || entry.provider === "ollama";
    return [{ table, entry, apiKey, keyName: MODEL_KEYS[entry.provider], canBeAsked }];
  });
}

/** All of both purposes, each once. */
export function allModelsInUse(sources: ModelSources): readonly ModelInUse[] {
  const both = [...modelsInUse(sources, "chat"), ...modelsInUse(sources, "scan")];
  return [...new Map(both.map((one) => [one.table, one])).values()];
}

/** One line for each model that cannot be asked, with how to mend it. */
export function missingKeys(sources: ModelSources): readonly string[] {
  return allModelsInUse(sources)
    .filter(({ canBeAsked }) => !canBeAsked)
    .map(({ table, keyName }) => {
      const votes = sources.settings.model.scan.includes(table);
      return `models.${table} has no key and is not asked${votes ? ", so its vote on scans is always to hold" : ""}: set ${keyName}`;
    });
}
