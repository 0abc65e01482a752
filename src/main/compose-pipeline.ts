import type { Secrets } from "#config/load.ts";
import type { Settings } from "#config/schema.ts";
import { dec, decFromInteger } from "#src/core/decimal.ts";
import { DAY_MS } from "#src/core/funding.ts";
import type { VenueId } from "#src/core/instrument.ts";
import { notionalUsd } from "#src/core/units.ts";
import { createEngineMemory } from "#src/execution/engine-memory.ts";
import { withWireLog } from "#src/execution/wire-log.ts";
import { tightenLimits } from "#src/guard/limits.ts";
import type { PipelineSettings } from "#src/pipeline/context.ts";
import type { Pipeline } from "#src/pipeline/contract.ts";
import { createGlance, readAccounts } from "#src/pipeline/glance.ts";
import { createPipeline } from "#src/pipeline.ts";
import type { Advisor } from "#src/ports/advisor.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Ids } from "#src/ports/ids.ts";
import type { Logger } from "#src/ports/logger.ts";
import type { Store } from "#src/ports/store.ts";
import type { Venue } from "#src/ports/venue.ts";
import { collectRates } from "#src/rates/collect-rates.ts";
import { createEvidence } from "#src/rates/market-evidence.ts";
import { createTrailingRates } from "#src/rates/trailing-rates.ts";
import type { Mode } from "#src/reports/views.ts";
import { createRandomIds } from "#src/runtime/random-ids.ts";
import { type ModelSources, modelsInUse } from "./models-in-use.ts";

/** Getting out may cost this much more than the best price. */
const EMERGENCY_SLIPPAGE = dec("0.01");
/** Leaving slips more than entering, until our own fills say otherwise. */
const EXIT_SLIP_MULTIPLE = dec("1.5");

/** Settings and adapters in, the flow out. */
export function composePipeline(parts: {
  readonly mode: Mode;
  readonly settings: Settings;
  readonly secrets: Pick<Secrets, "modelKeys">;
  readonly venues: ReadonlyMap<VenueId, Venue>;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  /** Models that pick from what scans offer. */
  readonly advisor?: Advisor | null;
  /** The operating system's unless said. */
  readonly ids?: Ids;
  /** Reaches the owner without the store. */
  readonly shout: (text: string) => void;
}): Pipeline {
  const { settings, store, clock, log, mode } = parts;
  const ids = parts.ids ?? createRandomIds();
  const limits = tightenLimits({
    equityShare: settings.limits.equityShare,
    hardCapUsd: notionalUsd(settings.limits.hardCapUsd),
    maxLeverage: settings.limits.leverage,
    minLiquidationDistance: settings.limits.minLiquidationDistance,
    maxPriceMove: settings.limits.maxPriceMove,
  });
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
    settings: { ...settings.execution, maxSlippage, emergencySlippage: EMERGENCY_SLIPPAGE },
  };
  const lookbackMs = settings.entry.lookbackDays * DAY_MS;
  const trailing = createTrailingRates({ venues, clock, lookbackMs });
  return createPipeline({
    ...shared,
    mode,
    settings: {
      entry: {
        horizonHours: decFromInteger(settings.entry.horizonDays * 24),
        costMultiple: settings.entry.costMultiple,
        minSpread8h: settings.entry.minSpread8h,
        minNetAprOnCapital: settings.entry.minNetAprOnCapital,
        exitSlipMultiple: EXIT_SLIP_MULTIPLE,
      },
      leverage: settings.limits.leverage,
      maxSlippage,
      openWithoutModel: settings.model.openWithoutModel,
      mandate: {
        ...settings.mandate,
        perHedgeUsd: notionalUsd(settings.mandate.perHedgeUsd),
        totalUsd: notionalUsd(settings.mandate.totalUsd),
        lossPerDayUsd: notionalUsd(settings.mandate.lossPerDayUsd),
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
    trailing,
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
      ...{ audit: null, killDurableMs: null },
    },
    startedAt: clock.wallNow(),
  });
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
