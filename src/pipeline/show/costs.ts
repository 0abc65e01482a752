import { type Decimal, dec, decFromInteger } from "#src/core/decimal.ts";
import { DAY_MS } from "#src/core/funding.ts";
import { isoTime } from "#src/core/time.ts";
import type { EpochMs } from "#src/core/units.ts";
import type { PipelineContext } from "#src/pipeline/context.ts";
import type { CostsView, SpendingPeriodView } from "#src/reports/costs-view.ts";

const MICRO = dec("0.000001");

/** What language models cost, against what they may. */
export function costs({ store, clock, settings }: PipelineContext): CostsView {
  const wallNow = clock.wallNow();
  const midnight = wallNow - (wallNow % DAY_MS);
  const { inUse, usdPerDay, chatUsdPerTurn } = settings.models;
  return {
    asOf: isoTime(wallNow),
    configured: inUse,
    today: period(store, midnight),
    sevenDays: period(store, wallNow - 7 * DAY_MS),
    budgets: (["chat", "scan"] as const).map((purpose) => {
      const perDay = usdPerDay[purpose];
      const used = usd(store.spentMicroUsd({ purpose, since: midnight }));
      const usedShare = perDay.eq("0") ? null : used.div(perDay).round(4).toFixed();
      return { purpose, perDayUsd: perDay.toFixed(), usedUsd: used.toFixed(), usedShare };
    }),
    chatUsdPerTurn: chatUsdPerTurn.toFixed(),
  };
}

function period(store: PipelineContext["store"], since: EpochMs): SpendingPeriodView {
  const models = store.spending(since);
  const total = models.reduce((all, { costMicroUsd }) => all + costMicroUsd, 0);
  return {
    since: isoTime(since),
    totalUsd: usd(total).toFixed(),
    models: models.map(({ costMicroUsd, hasEstimates, ...one }) => ({
      ...one,
      costUsd: usd(costMicroUsd).toFixed(),
      isEstimate: hasEstimates,
    })),
  };
}

function usd(costMicroUsd: number): Decimal {
  return decFromInteger(costMicroUsd).times(MICRO);
}
