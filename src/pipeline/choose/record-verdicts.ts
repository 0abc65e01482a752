import { HOUR_MS } from "#src/core/funding.ts";
import { LIVE_PHASES } from "#src/core/hedge.ts";
import { writeFigures } from "#src/core/words/figures-words.ts";
import type { PipelineContext } from "#src/pipeline/context.ts";
import type { MarketLook } from "#src/pipeline/look/look-at-market.ts";

/** An unchanged verdict on an asset is written down again this often (market time). */
export const REPEAT_AFTER_MS = 6 * HOUR_MS;

/** What the scan thought of every asset, so that "why did you not take it?" has an answer. */
export function recordVerdicts(context: PipelineContext, look: MarketLook): void {
  for (const opportunity of look.ranked) {
    const { asset, spread8h, trailingSpread8h, costRate, breakEvenHours } = opportunity;
    recordVerdict(context, asset, opportunity.reason ?? "WORTHWHILE", {
      short: opportunity.short.instrument.venue,
      long: opportunity.long.instrument.venue,
      spread8h: spread8h.toFixed(),
      trailingSpread8h: trailingSpread8h?.toFixed() ?? null,
      costRate: costRate.toFixed(),
      breakEvenHours: breakEvenHours?.toFixed(1) ?? null,
      ...writeFigures(opportunity.figures),
    });
  }
  // Hundreds of assets are not looked at: that is explained on demand, not written down each time.
  context.gate.passedOver = new Map(look.dropped.map(({ asset, reason }) => [asset, reason]));
}

/** Of what was looked at or is held; the rest of thousands of rates would only fill the disk. */
export function ratesToKeep({ store }: PipelineContext, look: MarketLook): MarketLook["rates"] {
  const legs = store.listHedges(LIVE_PHASES).flatMap((hedge) => hedge.legs);
  const places = [...look.looked.map((one) => one.instrument), ...legs];
  const kept = new Set(places.map(({ venue, symbol }) => `${venue}:${symbol}`));
  return look.rates.filter(({ venue, symbol }) => kept.has(`${venue}:${symbol}`));
}

function recordVerdict(
  context: PipelineContext,
  asset: string,
  outcome: string,
  detail: Record<string, unknown>,
): void {
  const { store, clock, ids } = context;
  const last = store.listDecisions({ asset, limit: 5 }).find((one) => one.kind === "scan");
  const at = clock.marketNow();
  if (last && last.outcome === outcome && at - last.at < REPEAT_AFTER_MS) return;
  const id = ids.next("D");
  store.insertDecision({ id, at, kind: "scan", asset, outcome, detail: JSON.stringify(detail) });
}
