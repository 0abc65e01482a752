import { HOUR_MS } from "#src/core/funding.ts";
import { equalisingTransfer } from "#src/core/rules/equalising-transfer.ts";
import { type PipelineContext, parseFact } from "#src/pipeline/context.ts";
import { tellOwner } from "#src/pipeline/propose/ask-owner.ts";
import { formatPercent, formatUsd } from "#src/reports/format.ts";
import type { JudgedHedge } from "./read-margins.ts";

/** Of market time: who reads it once need not read it each minute. */
const AGAIN_AFTER_MS = 4 * HOUR_MS;

/**
 * One leg is near its liquidation while the other has more than it needs: says what to move, and that only
 * the owner can. Never done by itself: no key of ours may withdraw.
 */
export function proposeTransfer(context: PipelineContext, { hedge, legs }: JudgedHedge): void {
  const [poor, rich] = legs;
  if (!poor?.reading.margin || !rich?.reading.margin || !rich.reading.freeUsd) return;
  const [to, from] = [poor.reading.leg.venue, rich.reading.leg.venue];
  if (to === from || poor.verdict.band !== "yellow" || rich.verdict.band !== "green") return;
  const plan = equalisingTransfer({
    poor: poor.reading.margin,
    rich: rich.reading.margin,
    freeUsd: rich.reading.freeUsd,
  });
  if (!plan || wasSaidLately(context, from, to)) return;
  const coin = rich.reading.instrument?.settleCurrency ?? "USD";
  const other = poor.reading.instrument?.settleCurrency ?? coin;
  const change = coin === other ? "" : ` (${to} takes it as ${other})`;
  const floor = formatPercent(context.settings.margin.distance.yellow, 0);
  context.store.transaction(() => {
    context.store.setFact(keyOf(from, to), String(context.clock.marketNow()));
    tellOwner(
      context,
      "warning",
      `Transfer proposed for ${hedge.asset} ${hedge.id}: ${formatUsd(plan.amountUsd)} in ${coin} from ${from} to ${to}${change}. ${to} is ${formatPercent(poor.verdict.distance)} from liquidation and ${from} ${formatPercent(rich.verdict.distance)}; then they are ${formatPercent(plan.poorAfter)} and ${formatPercent(plan.richAfter)}. Hedgerow cannot and will not move money; do it at the venue. Without it, nearer than ${floor} both legs are cut.`,
    );
  });
}

function wasSaidLately(context: PipelineContext, from: string, to: string): boolean {
  const at = parseFact(context.store, keyOf(from, to));
  return at !== null && context.clock.marketNow() - at < AGAIN_AFTER_MS;
}

function keyOf(from: string, to: string): string {
  return `transferProposedAt:${from}:${to}`;
}
