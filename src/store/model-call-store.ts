import { and, asc, desc, eq, gte, isNotNull, sql } from "drizzle-orm";
import type { ModelCall, ModelCallStore } from "#src/ports/model-call-store.ts";
import type { OpenDatabase } from "./database.ts";
import { modelCalls } from "./schema.ts";

/** What every request to a model used and cost. */
export function createModelCallStore({ db, assertWriting }: OpenDatabase): ModelCallStore {
  return {
    insertModelCall({ usage, ...call }) {
      assertWriting();
      return db
        .insert(modelCalls)
        .values({ ...call, ...usage })
        .returning({ id: modelCalls.id })
        .get().id;
    },
    settleModelCall(row, { usage, ...end }) {
      assertWriting();
      db.update(modelCalls)
        .set({ ...end, ...usage })
        .where(eq(modelCalls.id, row))
        .run();
    },
    listModelCalls(subjectId) {
      return db
        .select()
        .from(modelCalls)
        .where(eq(modelCalls.subjectId, subjectId))
        .orderBy(asc(modelCalls.id))
        .all()
        .map(asCall);
    },
    spentMicroUsd({ purpose, subjectId, since, heardOf }) {
      const row = db
        .select({ spent: sql<number>`coalesce(sum(${modelCalls.costMicroUsd}), 0)` })
        .from(modelCalls)
        .where(
          and(
            purpose === undefined ? undefined : eq(modelCalls.purpose, purpose),
            subjectId === undefined ? undefined : eq(modelCalls.subjectId, subjectId),
            since === undefined ? undefined : gte(modelCalls.at, since),
            heardOf ? isNotNull(modelCalls.elapsedMs) : undefined,
          ),
        )
        .get();
      return row?.spent ?? 0;
    },
    spending(since) {
      const costMicroUsd = sql<number>`sum(${modelCalls.costMicroUsd})`;
      return db
        .select({
          purpose: modelCalls.purpose,
          provider: modelCalls.provider,
          model: modelCalls.model,
          calls: sql<number>`count(*)`,
          failures: sql<number>`count(${modelCalls.failure})`,
          inputTokens: sql<number>`coalesce(sum(${modelCalls.inputTokens}), 0)`,
          cacheReadTokens: sql<number>`coalesce(sum(${modelCalls.cacheReadTokens}), 0)`,
          outputTokens: sql<number>`coalesce(sum(${modelCalls.outputTokens}), 0)`,
          costMicroUsd,
          hasEstimates: sql<number>`max(${modelCalls.costIsEstimate})`,
        })
        .from(modelCalls)
        .where(gte(modelCalls.at, since))
        .groupBy(modelCalls.purpose, modelCalls.provider, modelCalls.model)
        .orderBy(desc(costMicroUsd))
        .all()
        .map((row) => ({ ...row, hasEstimates: row.hasEstimates === 1 }));
    },
  };
}

function asCall(row: typeof modelCalls.$inferSelect): ModelCall {
  const { id: _, inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens, ...call } = row;
  const isKnown =
    inputTokens !== null &&
    cacheReadTokens !== null &&
    cacheWriteTokens !== null &&
    outputTokens !== null;
  const usage = isKnown ? { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens } : null;
  return { ...call, usage };
}
