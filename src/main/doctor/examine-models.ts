import { checkModel, type ModelCheck } from "#src/llm/check-model.ts";
import {
  allModelsInUse,
  type ModelInUse,
  type ModelSources,
} from "#src/main/models/models-in-use.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { ModelFailure } from "#src/ports/language-model.ts";
import type { Check } from "./examine-venue.ts";

/** Each model that the settings use: its key, whether it is there, and how to mend what is wrong. */
export async function examineModels(
  sources: ModelSources,
  clock: Clock,
): Promise<readonly Check[]> {
  const models = allModelsInUse(sources);
  if (models.length === 0) {
    const says =
      "none is configured: plain questions are answered by rules; [model] in the settings names one";
    return [{ ok: true, name: "model", says }];
  }
  return Promise.all(models.map((model) => examine(model, clock)));
}

async function examine(model: ModelInUse, clock: Clock): Promise<Check> {
  const { table, entry, apiKey, keyName, canBeAsked } = model;
  const name = `model ${table}`;
  if (!canBeAsked) return { ok: false, name, says: `it has no key: set ${keyName}` };
  const { signal } = new AbortController();
  const found = await checkModel(entry.provider, {
    ...{ apiKey, model: entry.name, baseUrl: entry.baseUrl, clock, signal },
  });
  return { ok: found.kind !== "gone" && found.kind !== "failed", name, says: say(model, found) };
}

function say({ entry, keyName }: ModelInUse, found: ModelCheck): string {
  const who = `${entry.name} (${entry.provider})`;
  switch (found.kind) {
    case "there":
      return `${who} answers`;
    case "retiring":
      return `${who} answers, but its provider will take it away${found.on ? ` on ${found.on}` : ""}: name a newer model`;
    case "gone":
      return `${entry.provider} has no model ${entry.name}: put a name from its list of models into the settings`;
    case "notListed":
      return `${entry.provider} does not list its models, so ${entry.name} cannot be checked; ask it something`;
    case "failed":
      return `${who}: ${FAILURES[found.error.failure].replace("KEY", keyName)}`;
  }
}

const FAILURES: Readonly<Record<ModelFailure, string>> = {
  rateLimited: "its provider asks us to slow down; try again in a minute",
  overloaded: "its provider is overloaded now; try again later",
  unauthorised: "its provider refuses the key: make a new one there and put it into KEY",
  quota: "the account there has no credit left: add some on its billing page",
  badRequest: "its provider did not take the question: check the name and baseUrl",
  network: "its endpoint cannot be reached: check baseUrl and the network",
  timeout: "its endpoint did not answer in time: check baseUrl and the network",
  aborted: "the check was stopped",
  protocol: "something else answers at its endpoint: check baseUrl",
  overBudget: "the budget is used up",
};
