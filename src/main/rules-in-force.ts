import { listParameters, type Settings } from "#config/schema.ts";
import { type Decimal, dec, decFromInteger, maxOf } from "#src/core/decimal.ts";
import { DAY_MS, HOUR_MS } from "#src/core/funding.ts";
import type { RuleSettings } from "#src/pipeline/show/rule-settings.ts";
import type { RuleView } from "#src/reports/views.ts";

/** Leaving slips more than entering, until our own fills say otherwise. */
const EXIT_SLIP_MULTIPLE = dec("1.5");
const MINUTE_MS = 60_000;

/** The rules of trading out of the settings. */
export function rulesInForce(settings: Settings): RuleSettings {
  const { entry, filter, exit, rotate, stops, limits } = settings;
  const parameters = {
    horizonHours: decFromInteger(entry.horizonDays * 24),
    costMultiple: entry.costMultiple,
    seed2Base: entry.seed2Base,
    seed2Per10k: entry.seed2Per10k,
    // What cash earns without any risk is the least that risk must leave.
    minNetAprOnCapital: maxOf(entry.minNetAprOnCapital, settings.report.cashYield),
    exitSlipMultiple: EXIT_SLIP_MULTIPLE,
  };
  return {
    entry: parameters,
    rules: {
      entry: parameters,
      filters: filter,
      assets: entry.assets.map((asset) => asset.toUpperCase()),
      maxPriceGap: limits.maxPriceGap,
      minFundingAbs8h: filter.minFundingAbs8h,
      borrowSafety: settings.borrow.safetyMultiple,
      scoreWeights: fourOf(entry.scoreWeights),
    },
    window: { minMinutes: entry.leadMinMinutes, maxMinutes: entry.leadMaxMinutes },
    exit: {
      tolerance8h: exit.negativeTolerance8h,
      maxAdverseBasis: exit.maxAdverseBasis,
      maxAgeMs: exit.maxAgeDays * DAY_MS,
    },
    rotate: {
      minHoldMs: rotate.minHoldHours * HOUR_MS,
      costMultiple: rotate.costMultiple,
      flip: settings.flip.enabled,
    },
    cooldown: {
      liquidationMs: stops.cooldownLiquidationMinutes * MINUTE_MS,
      secondLegMs: stops.cooldownSecondLegMinutes * MINUTE_MS,
    },
    cashYield: settings.report.cashYield,
    minConfidence: settings.model.minConfidence,
    inForce: describeRules(settings),
  };
}

/** Every parameter with what is set, in the order in which they are declared. */
function describeRules(settings: Settings): readonly RuleView[] {
  const tables = settings as unknown as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  return listParameters().map(({ setting, kind, unit, value, meaning }) => {
    const [table = "", name = ""] = setting.split(".");
    const inForce = plain(tables[table]?.[name]);
    const usual = plain(value);
    return { setting, kind, unit, meaning, value: inForce, isDefault: inForce === usual, usual };
  });
}

function plain(value: unknown): string {
  if (Array.isArray(value)) return value.map(plain).join(", ");
  const isExact = typeof value === "object" && value !== null && "toFixed" in value;
  return isExact ? (value as Decimal).toFixed() : String(value);
}

function fourOf(weights: readonly Decimal[]): readonly [Decimal, Decimal, Decimal, Decimal] {
  const [funding, volume, steadiness, bidAsk] = weights;
  if (!funding || !volume || !steadiness || !bidAsk) throw new Error("four weights");
  return [funding, volume, steadiness, bidAsk];
}
