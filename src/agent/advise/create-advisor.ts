import { canonicalHash } from "#src/core/canonical-hash.ts";
import type { DecisionTable, Slot } from "#src/core/decision.ts";
import type { Advisor, Vote } from "#src/ports/advisor.ts";
import type { Clock } from "#src/ports/clock.ts";
import { type LanguageModel, ModelError, type ModelReply } from "#src/ports/language-model.ts";
import { CHOICE_JSON_SCHEMA } from "./choice-schema.ts";
import { noChoice, readChoice } from "./read-choice.ts";
import { renderTable, TABLE_WORDS } from "./render-table.ts";

/** A scan does not wait longer: who has not answered by then has said HOLD. */
const LIMIT_MS = 60_000;
/** With room for models that think before they answer. */
const MAX_OUTPUT_TOKENS = 4_000;

/** Asks every model the same, all at once; whatever goes wrong with one is that one's vote for nothing. */
export function createAdvisor(options: {
  readonly models: readonly LanguageModel[];
  /** The frozen instructions. */
  readonly system: string;
  readonly clock: Clock;
}): Advisor {
  const { models, system, clock } = options;
  const answer = { name: "decision", schema: CHOICE_JSON_SCHEMA };
  return {
    models: models.map((model) => model.id),
    promptHash: canonicalHash({ system, answer, words: TABLE_WORDS }),
    async ask(table, { decisionId, signal }) {
      const text = renderTable(table);
      const offered = offeredBy(table);
      return Promise.all(
        models.map(async (model): Promise<Vote> => {
          const askedMs = clock.elapsedMs();
          const asking = { model, clock, signal };
          const reply = await replyInTime(asking, (limit) =>
            model.reply({
              ...{ purpose: "scan", subjectId: decisionId, system, answer, facts: null, tools: [] },
              messages: [{ role: "user", text }],
              ...{ maxOutputTokens: MAX_OUTPUT_TOKENS, signal: limit },
            }),
          );
          const elapsedMs = clock.elapsedMs() - askedMs;
          const choice =
            reply instanceof ModelError
              ? noChoice(reply.failure, null)
              : readChoice(reply, offered);
          return { model: model.id, ...choice, elapsedMs };
        }),
      );
    },
  };
}

/** The reply, or why there is none; does not wait for a model that ignores its signal. */
async function replyInTime(
  asking: { readonly clock: Clock; readonly signal: AbortSignal },
  ask: (signal: AbortSignal) => Promise<ModelReply>,
): Promise<ModelReply | ModelError> {
  const { clock, signal } = asking;
  const stop = new AbortController();
  const { promise: ended, resolve } = Promise.withResolvers<ModelError>();
  function end(failure: "timeout" | "aborted"): void {
    resolve(new ModelError(failure, "the scan does not wait any longer"));
    stop.abort();
  }
  if (signal.aborted) return new ModelError("aborted", "the scan was over before it was asked");
  const abort = () => end("aborted");
  signal.addEventListener("abort", abort, { once: true });
  const cancel = clock.later(LIMIT_MS, () => end("timeout"));
  try {
    return await Promise.race([ended, ask(stop.signal)]);
  } catch (error) {
    return error instanceof ModelError ? error : new ModelError("protocol", "it failed oddly");
  } finally {
    cancel();
    signal.removeEventListener("abort", abort);
  }
}

function offeredBy({ opens, closes }: DecisionTable): ReadonlySet<Slot> {
  return new Set<Slot>([...[...opens, ...closes].map((row) => row.slot), "HOLD"]);
}
