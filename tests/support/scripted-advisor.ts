import { dec } from "#src/core/decimal.ts";
import type { DecisionTable, Slot } from "#src/core/decision.ts";
import type { Advisor, Vote, VoteFailure } from "#src/ports/advisor.ts";

type Say = Slot | VoteFailure | "throws" | "never";

/** A vote as a model would have given it; a failure has no choice. */
export function voteOf(model: string, said: Slot | VoteFailure, over: Partial<Vote> = {}): Vote {
  const isSlot = /^(HOLD|[OC]\d+)$/.test(said);
  return {
    model,
    raw: JSON.stringify({ choice: said }),
    failure: isSlot ? null : (said as VoteFailure),
    choice: isSlot ? (said as Slot) : null,
    confidence: isSlot ? dec("0.7") : null,
    reasoning: isSlot ? `because ${said}` : null,
    risks: ["NONE"],
    elapsedMs: 5,
    ...over,
  };
}

/** Models that say what the test wants for the table that they see; they remember what they were asked. */
export function createScriptedAdvisor(
  script: (table: DecisionTable, asked: number) => Readonly<Record<string, Say>>,
  models: readonly string[] = ["m1"],
): Advisor & {
  readonly asked: { readonly table: DecisionTable; readonly decisionId: string }[];
  meanwhile: () => void | Promise<void>;
} {
  const advisor = {
    models,
    promptHash: "prompt",
    asked: [] as { table: DecisionTable; decisionId: string }[],
    /** What happens while they think. */
    meanwhile: (): void | Promise<void> => undefined,
    async ask(table: DecisionTable, { decisionId }: { readonly decisionId: string }) {
      advisor.asked.push({ table, decisionId });
      await advisor.meanwhile();
      const said = script(table, advisor.asked.length);
      if (Object.values(said).includes("throws")) throw new Error("a bug in the advisor");
      if (Object.values(said).includes("never")) return new Promise<never>(() => {});
      return models.flatMap((model) => {
        const one = said[model];
        return one && one !== "throws" && one !== "never" ? [voteOf(model, one)] : [];
      });
    },
  };
  return advisor;
}
