import {
  type LanguageModel,
  ModelError,
  type ModelFailure,
  type ModelReply,
} from "#src/ports/language-model.ts";

/** Turns whose place in the chain is remembered. */
const REMEMBERED = 64;

interface Place {
  readonly at: number;
  readonly why: string;
  /** A budget that is used up is the same for all of them, and no failure of theirs. */
  readonly failures: number;
}

/**
 * Asks the first model, and the next whenever one cannot answer; the last should always be able to. A turn
 * stays with the model that it fell to. Its answer ends with one line that says who spoke and why, without
 * figures: those of an answer come from tools.
 */
export function createChainModel(models: readonly LanguageModel[]): LanguageModel {
  const places = new Map<string, Place>();

  function remember(turn: string, place: Place): void {
    places.delete(turn);
    places.set(turn, place);
    const [oldest] = places.keys();
    if (places.size > REMEMBERED && oldest !== undefined) places.delete(oldest);
  }

  return {
    id: models[0]?.id ?? "none",
    async reply(request) {
      let failed: unknown = new ModelError("protocol", "there is no model", { mayBeBilled: false });
      const place = places.get(request.subjectId);
      let { why, failures } = place ?? { why: null, failures: 0 };
      for (const [index, model] of models.entries()) {
        if (index < (place?.at ?? 0)) continue;
        try {
          return withNotice(await model.reply(request), why && why + others(failures - 1));
        } catch (error) {
          if (!(error instanceof ModelError) || error.failure === "aborted") throw error;
          failed = error;
          why ??= reasonOf(model, error);
          if (error.failure !== "overBudget") failures += 1;
          const at = Math.min(index + 1, models.length - 1);
          remember(request.subjectId, { at, why, failures });
        }
      }
      throw failed;
    },
  };
}

function withNotice(reply: ModelReply, why: string | null): ModelReply {
  if (why === null || reply.stop !== "end") return reply;
  const who = reply.modelId === "offline" ? "rules" : reply.modelId;
  return { ...reply, text: `${reply.text}\n\n(answered by ${who}: ${why})` };
}

const COUNTS = ["", "one more", "two more", "three more"];

/** In words: a figure would have to come from a tool. */
function others(count: number): string {
  return count > 0 ? `, and ${COUNTS[count] ?? "several more"} failed too` : "";
}

const REASONS: Readonly<Record<ModelFailure, string>> = {
  rateLimited: "asks us to slow down",
  overloaded: "is overloaded",
  unauthorised: "refuses our key",
  quota: "has no credit left",
  badRequest: "did not take the question; its name may be wrong, `bun run doctor` tells",
  network: "cannot be reached",
  timeout: "took too long",
  aborted: "was stopped",
  protocol: "answered something unreadable",
  overBudget: "",
};

function reasonOf(model: LanguageModel, error: ModelError): string {
  return error.failure === "overBudget"
    ? `${error.message}, /cost shows on what`
    : `${model.id} ${REASONS[error.failure]}`;
}
