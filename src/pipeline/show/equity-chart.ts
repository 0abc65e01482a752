import { sum } from "#src/core/decimal.ts";
import { usd } from "#src/core/units.ts";
import { ACCOUNTS_GLANCE_MS, type PipelineContext } from "#src/pipeline/context.ts";
import type { ChartData, ChartMark } from "#src/reports/chart-data.ts";
import { equityChart as chartOf } from "#src/reports/equity-chart.ts";
import { pointsUntilNow } from "./performance.ts";

/** The picture of what the accounts held; null while there is nothing to draw. */
export async function equityChart(context: PipelineContext): Promise<ChartData | null> {
  const { store, totals } = context;
  const accounts = await context.accounts(ACCOUNTS_GLANCE_MS);
  const known = accounts.flatMap(({ equityUsd }) => (equityUsd ? [equityUsd] : []));
  const isWhole = known.length === accounts.length && known.length > 0;
  const marks = store
    .listHedges()
    .filter((hedge) => hedge.legs.some((leg) => leg.entryPrice !== null))
    .flatMap(({ asset, openedAt, closedAt }): ChartMark[] => [
      { at: openedAt, kind: "open", label: asset },
      ...(closedAt === null ? [] : [{ at: closedAt, kind: "close", label: asset } as const]),
    ]);
  return chartOf({
    points: pointsUntilNow(context, isWhole ? usd(sum(known)) : null),
    funding: totals.fundingPeriods(),
    marks,
  });
}
