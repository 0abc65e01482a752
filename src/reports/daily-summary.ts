import { parseDecimal } from "#src/core/decimal.ts";
import { formatUsd } from "./format.ts";
import type { PerformanceView } from "./performance-view.ts";
import type { StatusView } from "./views.ts";

/** One message a day: what is on, what it earned, what is not known. */
export function dailySummary(status: StatusView, performance: PerformanceView): string {
  const total = performance.total;
  const part = (value: string | undefined) => formatUsd(value ?? null, true);
  const owesInterest = total !== null && !parseDecimal(total.interestUsd)?.eq("0");
  const live = status.hedges.filter((hedge) => hedge.phase !== "closed");
  const lines = [
    `Daily summary, ${status.marketTime.slice(0, 10)}`,
    `Trading: ${status.tradingState}${status.mandate ? ", mandate armed" : ""}`,
    `Equity: ${formatUsd(status.equityUsd)}`,
    `Result since the start: ${part(total?.totalUsd)}`,
    `  funding ${part(total?.fundingUsd)}`,
    `  price ${part(total?.priceUsd)}`,
    `  fees ${part(total?.feesUsd)}`,
    ...(owesInterest ? [`  borrow interest ${part(total.interestUsd)}`] : []),
    `Open hedges: ${live.length}`,
    ...live.map((hedge) => `  ${hedge.asset} ${hedge.id}: ${formatUsd(hedge.pnlUsd, true)}`),
  ];
  return lines.join("\n");
}
