import type { Settings } from "#config/schema.ts";
import { notionalUsd } from "#src/core/units.ts";
import type { GuardLimits } from "#src/guard/limits.ts";
import type { PipelineSettings } from "#src/pipeline/context.ts";

/** What the watch goes by; where it closes a hedge is the guard's word, as far as it was tightened. */
export function watchSettings(
  { margin, stops }: Settings,
  limits: GuardLimits,
): Pick<PipelineSettings, "margin" | "stops"> {
  return {
    margin: {
      ratio: {
        green: margin.ratioGreen,
        yellow: margin.ratioYellow,
        orange: limits.ratioOrange,
      },
      distance: {
        green: margin.distGreen,
        yellow: margin.distYellow,
        orange: limits.distOrange,
      },
      leastCut: margin.yellowCut,
    },
    stops: { ...stops, dailyLossUsd: notionalUsd(stops.dailyLossUsd) },
  };
}
