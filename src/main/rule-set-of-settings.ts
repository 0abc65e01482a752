import type { Settings } from "#config/schema.ts";
import type { RuleSet } from "#src/backtest/rule-set.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import { REENTER_AFTER_MS } from "#src/pipeline/choose/offer-choices.ts";
import type { BacktestOptions } from "./backtest/backtest-options.ts";
import { rulesInForce } from "./rules-in-force.ts";

/** The bot's own parameters as a backtest takes them; floors are those of a leg of the size that is run. */
export function ruleSetOf(
  settings: Settings,
  { size, sees }: Pick<BacktestOptions, "size" | "sees">,
): RuleSet {
  const { entry, exit, filter, borrow, limits } = settings;
  const gate = rulesInForce(settings).entry;
  const sizeUsd = size && "usd" in size ? size.usd : limits.hardCapUsd;
  return {
    ...gate,
    lookbackHours: entry.lookbackDays * 24,
    horizonHours: entry.horizonDays * 24,
    sizeUsd,
    minFunding8h: filter.minFundingAbs8h,
    exitTrailingHours: exit.trailingDays * 24,
    negativeTolerance8h: exit.negativeTolerance8h,
    cooldownHours: REENTER_AFTER_MS / HOUR_MS,
    window: { minMinutes: entry.leadMinMinutes, maxMinutes: entry.leadMaxMinutes },
    sees,
    borrowSafety: borrow.safetyMultiple,
    quotedCost: null,
  };
}
