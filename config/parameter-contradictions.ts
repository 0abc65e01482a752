import type { Decimal } from "#src/core/decimal.ts";
import type { Settings } from "./schema.ts";

/** What is wrong between parameters that are right one by one. */
export function parameterContradictions(settings: Settings): readonly string[] {
  const { limits, execution, entry, rebalance, margin, stops, mandate, schedule } = settings;
  return [
    ...notAbove("limits.leverage", limits.leverage, "limits.maxLeverage", limits.maxLeverage),
    ...notAbove(
      ...(["limits.hardCapUsd", limits.hardCapUsd] as const),
      ...(["limits.absoluteCapUsd", limits.absoluteCapUsd] as const),
    ),
    ...notAbove(
      ...(["limits.hardCapUsd", limits.hardCapUsd] as const),
      ...(["execution.twapAboveUsd", execution.twapAboveUsd] as const),
    ),
    ...notAbove(
      ...(["mandate.perHedgeUsd", mandate.perHedgeUsd] as const),
      ...(["limits.absoluteCapUsd", limits.absoluteCapUsd] as const),
    ),
    ...windowProblems(entry, schedule),
    ...notAbove(
      ...(["rebalance.maxDrift", rebalance.maxDrift] as const),
      ...(["rebalance.emergencyDrift", rebalance.emergencyDrift] as const),
    ),
    ...notAbove("margin.ratioOrange", margin.ratioOrange, "margin.ratioYellow", margin.ratioYellow),
    ...notAbove("margin.ratioYellow", margin.ratioYellow, "margin.ratioGreen", margin.ratioGreen),
    ...notAbove("margin.distOrange", margin.distOrange, "margin.distYellow", margin.distYellow),
    ...notAbove("margin.distYellow", margin.distYellow, "margin.distGreen", margin.distGreen),
    ...notAbove("stops.maxDepeg", stops.maxDepeg, "stops.closeDepeg", stops.closeDepeg),
  ];
}

/** A mandate that looks before the window and after it, and never in it, would never open. */
function windowProblems(
  { leadMinMinutes, leadMaxMinutes }: Settings["entry"],
  { scanMinutes }: Settings["schedule"],
): readonly string[] {
  const minutes = leadMaxMinutes - leadMinMinutes;
  if (minutes <= 0) return ["entry.leadMinMinutes: must be below entry.leadMaxMinutes"];
  if (scanMinutes <= minutes) return [];
  return [
    `schedule.scanMinutes: must not be above entry.leadMaxMinutes less entry.leadMinMinutes (${minutes}), or no scan may fall between them`,
  ];
}

function notAbove(name: string, value: Decimal, limitName: string, limit: Decimal) {
  return value.lte(limit) ? [] : [`${name}: must not be above ${limitName} (${limit.toFixed()})`];
}
