import { formatUsd } from "./format.ts";
import type { PerformanceView } from "./performance-view.ts";
import type { StatusView } from "./views.ts";

/** One message a day: what is on, what it earned, what is not known. */
export function dailySummary(status: StatusView, performance: PerformanceView): string {
  const live = status.hedges.filter((hedge) => hedge.phase !== "closed");
  const lines = [
    `Daily summary, ${status.marketTime.slice(0, 10)}`,
    `Trading: ${status.tradingState}${status.mandate ? ", mandate armed" : ""}`,
    `Equity: ${formatUsd(status.equityUsd)}`,
    `Result so far: ${formatUsd(performance.total?.totalUsd ?? null, true)}`,
    `  funding ${formatUsd(performance.total?.fundingUsd ?? null, true)}`,
    `  price ${formatUsd(performance.total?.priceUsd ?? null, true)}`,
    `  fees ${formatUsd(performance.total?.feesUsd ?? null, true)}`,
    `Open hedges: ${live.length}`,
    ...live.map((hedge) => `  ${hedge.asset} ${hedge.id}: ${formatUsd(hedge.pnlUsd, true)}`),
  ];
  return lines.join("\n");
}
