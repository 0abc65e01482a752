import type { Secrets } from "#config/load.ts";
import type { Settings } from "#config/schema.ts";
import { wantsSpot } from "#config/venue-settings.ts";
import { dec } from "#src/core/decimal.ts";
import { DAY_MS } from "#src/core/funding.ts";
import type { VenueId } from "#src/core/instrument.ts";
import type { LiveBounds } from "#src/core/rules/live-bounds.ts";
import { notionalUsd } from "#src/core/units.ts";
import { createEngineMemory } from "#src/execution/engine-memory.ts";
import { withWireLog } from "#src/execution/fate/wire-log.ts";
import { createLedgerTotals } from "#src/ledger/ledger-totals.ts";
import type { PipelineSettings } from "#src/pipeline/context.ts";
import type { Pipeline } from "#src/pipeline/contract.ts";
import { createRehearsalMeter } from "#src/pipeline/hold/count-rehearsal.ts";
import { createGlance, readAccounts } from "#src/pipeline/look/glance.ts";
import { createPipeline } from "#src/pipeline.ts";
import type { Advisor } from "#src/ports/advisor.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Ids } from "#src/ports/ids.ts";
import type { Logger } from "#src/ports/logger.ts";
import type { Store } from "#src/ports/store.ts";
import type { Venue } from "#src/ports/venue.ts";
import { collectRates } from "#src/rates/collect-rates.ts";
import { createEvidence } from "#src/rates/market-evidence.ts";
import { createKeptStats } from "#src/rates/market-stats.ts";
import { createMedianGaps } from "#src/rates/median-gap.ts";
import { createTrailingRates } from "#src/rates/trailing-rates.ts";
import { createEquityHistory } from "#src/reports/equity-history.ts";
import type { Mode } from "#src/reports/views.ts";
import { createRandomIds } from "#src/runtime/random-ids.ts";
import { limitsInForce } from "./limits-in-force.ts";
import { type ModelSources, modelsInUse } from "./models/models-in-use.ts";
import { rulesInForce } from "./rules-in-force.ts";
import { watchSettings } from "./watch-settings.ts";

/** Getting out may cost this much more than the best price. */
const EMERGENCY_SLIPPAGE = dec("0.01");

/** Settings and adapters in, the flow out. */
export function composePipeline(parts: {
  readonly mode: Mode;
  readonly settings: Settings;
  readonly secrets: Pick<Secrets, "modelKeys">;
  readonly venues: ReadonlyMap<VenueId, Venue>;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  /** Where spot is traded; as the settings say unless given. */
  readonly spotVenues?: readonly VenueId[];
  /** Models that pick from what scans offer. */
  readonly advisor?: Advisor | null;
  /** What the settings ask for in mode live, where they hold only as far as they were confirmed. */
  readonly liveBounds?: LiveBounds;
  /** The operating system's unless said. */
  readonly ids?: Ids;
  /** Reaches the owner without the store. */
  readonly shout: (text: string) => void;
}): Pipeline {
  const { settings, store, clock, log, mode } = parts;
  const ids = parts.ids ?? createRandomIds();
  const limits = limitsInForce(settings);
  const { maxSlippage } = settings.execution;
  const memory = createEngineMemory(clock.elapsedMs());
  const venues = new Map(
    [...parts.venues].map(([id, venue]) => [id, withWireLog(venue, { store, clock, memory })]),
  );
  const shared = { venues, store, clock, ids, log, limits };
  const execution = {
    ...shared,
    memory,
    shout: parts.shout,
    settings: {
      ...{ ...settings.execution, maxSlippage, emergencySlippage: EMERGENCY_SLIPPAGE },
      rebalance: { ...settings.rebalance, intervalMs: settings.rebalance.intervalSeconds * 1000 },
    },
  };
  const trailingOver = (days: number) =>
    createTrailingRates({ venues, clock, lookbackMs: days * DAY_MS });
  const { lookbackDays } = settings.entry;
  const { trailingDays } = settings.exit;
  const trailing = trailingOver(lookbackDays);
  return createPipeline({
    ...shared,
    mode,
    settings: {
      ...rulesInForce(settings),
      leverage: settings.limits.leverage,
      report: settings.report,
      maxSlippage,
      ...watchSettings(settings, limits),
      sizing: settings.allocation,
      spotVenues: parts.spotVenues ?? [...venues.keys()].filter((id) => wantsSpot(settings, id)),
      openWithoutModel: settings.model.openWithoutModel,
      mandate: {
        ...settings.mandate,
        perHedgeUsd: notionalUsd(settings.mandate.perHedgeUsd),
        totalUsd: notionalUsd(settings.mandate.totalUsd),
        lossPerDayUsd: notionalUsd(settings.mandate.lossPerDayUsd),
      },
      live: {
        bounds: parts.liveBounds ?? boundsOf(settings),
        minHours: settings.paper.minHours,
      },
      models: describeModels(parts),
    },
    execution,
    rates: createGlance(
      clock,
      () => collectRates({ venues, clock }),
      ({ down }) => down.length === 0,
    ),
    accounts: createGlance(clock, () => readAccounts(execution)),
    totals: createLedgerTotals(store),
    history: createEquityHistory(store),
    trailing,
    exitTrailing: trailingDays === lookbackDays ? trailing : trailingOver(trailingDays),
    marketStats: createKeptStats({ venues, clock }),
    gaps: createMedianGaps({ venues, clock }),
    evidence: createEvidence({ venues, clock, trailing }),
    advisor: parts.advisor ?? null,
    candidates: new Map(),
    gate: {
      ...{
        recovering: true,
        scanning: null,
        asking: null,
        checked: new Map(),
        passedOver: new Map(),
      },
      ...{ audit: null, killDurableMs: null, judging: null, judgedMarks: new Map() },
    },
    startedAt: clock.wallNow(),
    rehearsal: createRehearsalMeter(),
  });
}

/** What live mode would be allowed with these settings. */
export function boundsOf({ limits, venues }: Settings): LiveBounds {
  const { hardCapUsd, equityShare, leverage, minLiquidationDistance } = limits;
  const places = { venues: venues.use, spotVenues: venues.spot ?? [] };
  return { hardCapUsd, equityShare, leverage, minLiquidationDistance, ...places };
}

/** What /cost says about who may be asked, and for how much. */
function describeModels(sources: ModelSources): PipelineSettings["models"] {
  const { model } = sources.settings;
  const list = (purpose: "chat" | "scan") =>
    modelsInUse(sources, purpose).map(({ entry, keyName, canBeAsked }) => ({
      ...{ name: entry.name, provider: entry.provider },
      missingKey: canBeAsked ? null : keyName,
    }));
  return {
    inUse: { chat: list("chat"), scan: list("scan") },
    usdPerDay: { chat: model.chatUsdPerDay, scan: model.scanUsdPerDay },
    chatUsdPerTurn: model.chatUsdPerTurn,
  };
}
