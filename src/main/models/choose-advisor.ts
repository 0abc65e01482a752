import scanPrompt from "#prompts/scan.txt" with { type: "text" };
import { createAdvisor } from "#src/agent/advise/create-advisor.ts";
import type { Advisor } from "#src/ports/advisor.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { LanguageModel } from "#src/ports/language-model.ts";

/** Who is asked at a scan; null when no model is, and the rule policy decides alone. */
export function chooseAdvisor(models: readonly LanguageModel[], clock: Clock): Advisor | null {
  return models.length === 0 ? null : createAdvisor({ models, system: scanPrompt, clock });
}
