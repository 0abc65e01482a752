import { describeError } from "#src/core/errors.ts";
import type { Clock } from "#src/ports/clock.ts";
import {
  type LanguageModel,
  ModelError,
  type ModelReply,
  type ModelRequest,
} from "#src/ports/language-model.ts";
import type { Logger } from "#src/ports/logger.ts";
import { assertBudget, type BudgetStore, type ModelBudgets, tellOfBudget } from "./model-budget.ts";
import { costMicroUsd, estimateCostMicroUsd, isFree, type ModelPrices } from "./model-cost.ts";

export interface MeterOptions {
  readonly provider: string;
  readonly prices: ModelPrices;
  readonly budgets: ModelBudgets;
  readonly store: BudgetStore;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Books every request on the wire, failures and abandoned ones included, and sends none when the budget
 * is used up. What costs nothing has no budget. It is booked before it is sent, at the most that it can cost,
 * so that a process which dies meanwhile has not spent in secret.
 */
export function createMeteredModel(model: LanguageModel, options: MeterOptions): LanguageModel {
  const { provider, prices, budgets, store, clock, log } = options;

  function bookAhead(request: ModelRequest): number {
    const { purpose, subjectId } = request;
    return store.journal(() =>
      store.insertModelCall({
        ...{ at: clock.wallNow(), purpose, subjectId, provider, model: model.id },
        ...{ failure: "aborted", usage: null, elapsedMs: null },
        costMicroUsd: estimateCostMicroUsd(request, null, prices),
        costIsEstimate: true,
      }),
    );
  }

  function settle(
    row: number,
    request: ModelRequest,
    elapsedMs: number,
    end: ModelReply | ModelError,
  ): void {
    const isReply = !(end instanceof ModelError);
    const { cost, isEstimate } = priceOf(request, end, prices);
    store.transaction(() => {
      store.settleModelCall(row, {
        ...{ provider, model: model.id, elapsedMs: Math.round(elapsedMs) },
        failure: isReply ? null : end.failure,
        usage: isReply ? end.usage : null,
        ...{ costMicroUsd: cost, costIsEstimate: isEstimate },
      });
      if (cost > 0) tellOfBudget(store, budgets, request.purpose, clock.wallNow());
    });
  }

  return {
    id: model.id,
    async reply(request) {
      if (request.signal.aborted) {
        throw new ModelError("aborted", "stopped before it was sent", { mayBeBilled: false });
      }
      if (!isFree(prices)) assertBudget(store, budgets, request, clock.wallNow());
      const startedMs = clock.elapsedMs();
      const row = bookAhead(request);
      const end = await model.reply(request).catch(toModelError);
      settle(row, request, clock.elapsedMs() - startedMs, end);
      if (!(end instanceof ModelError)) return end;
      const { failure } = end;
      log.warn("modelFailed", { provider, model: model.id, failure, error: describeError(end) });
      throw end;
    },
  };
}

function priceOf(
  request: ModelRequest,
  end: ModelReply | ModelError,
  prices: ModelPrices,
): { readonly cost: number; readonly isEstimate: boolean } {
  if (end instanceof ModelError) {
    if (!end.mayBeBilled) return { cost: 0, isEstimate: false };
    return { cost: estimateCostMicroUsd(request, null, prices), isEstimate: true };
  }
  if (end.usage) return { cost: costMicroUsd(end.usage, prices), isEstimate: false };
  return { cost: estimateCostMicroUsd(request, end, prices), isEstimate: true };
}

/** An adapter throws nothing else; should it, the call is still booked. */
function toModelError(error: unknown): ModelError {
  return error instanceof ModelError ? error : new ModelError("protocol", describeError(error));
}
