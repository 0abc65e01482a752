import { mandateUse } from "#src/approvals/mandate.ts";
import { type Denial, denial } from "#src/core/denial.ts";
import { isLive } from "#src/core/hedge.ts";
import { isoTime } from "#src/core/time.ts";
import { usd } from "#src/core/units.ts";
import { type PipelineContext, parseFact } from "#src/pipeline/context.ts";
import { entryStops } from "#src/pipeline/hold/stops/entry-stops.ts";
import { hasRoom } from "#src/pipeline/propose/open-within.ts";
import type { DecisionView } from "#src/reports/views.ts";

/** Why it was taken or not, newest first; what holds it back at this moment comes before all that. */
export function explain(context: PipelineContext, asset: string | null): readonly DecisionView[] {
  const { store, gate, clock } = context;
  const wanted = asset?.trim().toUpperCase();
  const written = store
    .listDecisions({ ...(wanted ? { asset: wanted } : {}), limit: 10 })
    .map((decision) => ({
      at: isoTime(decision.at),
      kind: decision.kind,
      asset: decision.asset,
      outcome: decision.outcome,
      detail: parseObject(decision.detail),
    }));
  const held = hedgedAlready(context, wanted);
  const full = held.length > 0 ? [] : mandateFull(context, wanted, written);
  const now = [...held, ...stopsNow(context, wanted), ...full];
  const at = isoTime(clock.marketNow());
  const first =
    now.length === 0
      ? []
      : [{ at, kind: "open", asset: wanted ?? null, outcome: "denied", detail: { denials: now } }];
  const outcome = wanted ? gate.passedOver.get(wanted) : undefined;
  if (!wanted || !outcome) return [...first, ...written];
  const scannedAt = isoTime(parseFact(store, "lastScanAt") ?? clock.marketNow());
  const passed = { at: scannedAt, kind: "scan", asset: wanted, outcome, detail: {} };
  return [...first, passed, ...written];
}

/** Not of everything: whoever asks about no asset asks what scans do. */
function hedgedAlready({ store }: PipelineContext, asset: string | undefined): readonly Denial[] {
  const held = store.listHedges().find((one) => one.asset === asset && isLive(one.phase));
  return held ? [denial("ASSET_ALREADY_HEDGED", { asset: held.asset, hedgeId: held.id })] : [];
}

function stopsNow(context: PipelineContext, asset: string | undefined): readonly Denial[] {
  return entryStops(context)
    .filter((stop) => stop.asset === null || asset === undefined || stop.asset === asset)
    .map(({ reason, venue }) =>
      denial("ENTRY_STOPPED", { reason, ...(venue === null ? {} : { venue }) }),
    );
}

/** Why the armed mandate leaves what is worth doing; what is not needs no such reason. */
function mandateFull(
  context: PipelineContext,
  asset: string | undefined,
  written: readonly DecisionView[],
): readonly Denial[] {
  const { store, clock } = context;
  const mandate = store.armedMandate();
  const verdict = written.find(({ kind }) => kind === "scan")?.outcome;
  if (!mandate || (asset !== undefined && verdict !== "WORTHWHILE")) return [];
  if (asset !== undefined && mandate.assets.length > 0 && !mandate.assets.includes(asset)) {
    return [denial("MANDATE_ASSET_NOT_ALLOWED", { asset })];
  }
  if (hasRoom(context, mandate)) return [];
  const at = { marketNow: clock.marketNow(), pnlTodayUsd: usd("0") };
  const { openUsd, opensToday } = mandateUse(store, mandate, at);
  if (opensToday >= mandate.opensPerDay) {
    return [denial("MANDATE_OPENS_EXCEEDED", { opensToday: String(opensToday) })];
  }
  const [used, limitUsd] = [openUsd.toFixed(2), mandate.totalUsd.toFixed(2)];
  return [denial("MANDATE_TOTAL_EXCEEDED", { openUsd: used, limitUsd })];
}

function parseObject(json: string): Readonly<Record<string, unknown>> {
  const parsed: unknown = JSON.parse(json);
  return typeof parsed === "object" && parsed !== null
    ? Object.fromEntries(Object.entries(parsed))
    : {};
}
