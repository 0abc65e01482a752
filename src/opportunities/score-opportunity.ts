import { type BreakEven, breakEven } from "#src/core/costs.ts";
import { type Decimal, dec } from "#src/core/decimal.ts";
import type { OpportunityReason } from "#src/core/opportunity.ts";
import { type Rate, rate } from "#src/core/units.ts";

/** The entry gate's parameters. */
export interface EntryParameters {
  /** How long we expect to hold. */
  readonly horizonHours: Decimal;
  /** Trailing carry over the horizon must pay the costs this often. */
  readonly costMultiple: Decimal;
  /** Floor on the current spread per 8 h. */
  readonly minSpread8h: Decimal;
  /** Net of costs over the horizon, on both legs' full notional as capital. */
  readonly minNetAprOnCapital: Decimal;
  /** Leaving slips this much more than entering. */
  readonly exitSlipMultiple: Decimal;
}

export interface PairRates {
  /** Current spread per hour in the trade's direction. */
  readonly currentPerHour: Decimal;
  /** Trailing mean per hour in the trade's direction; null when unknown. */
  readonly trailingPerHour: Decimal | null;
  /** Four fills with slippage, as a fraction of one leg's notional. */
  readonly costRate: Rate;
}

export interface PairScore {
  readonly spread8h: Rate;
  readonly trailingSpread8h: Rate | null;
  readonly aprOnNotional: Decimal;
  readonly netAprOnCapital: Decimal | null;
  readonly netUsdPerDayPer1000: Decimal | null;
  readonly breakEven: BreakEven | null;
  readonly reason: OpportunityReason | null;
}

/**
 * The gate of domain 2.5: the trailing mean over the horizon pays k times the cost, the market still
 * pays the same way, and what is left is worth the capital. Capital is both legs' full notional:
 * leverage never flatters it.
 */
export function scoreOpportunity(pair: PairRates, parameters: EntryParameters): PairScore {
  const { currentPerHour, trailingPerHour, costRate } = pair;
  const { horizonHours } = parameters;
  const netPerHour = trailingPerHour?.minus(costRate.div(horizonHours)) ?? null;
  const netAprOnCapital = netPerHour?.times("8760").div("2") ?? null;
  return {
    spread8h: rate(currentPerHour.times("8")),
    trailingSpread8h: trailingPerHour ? rate(trailingPerHour.times("8")) : null,
    aprOnNotional: (trailingPerHour ?? currentPerHour).times("8760"),
    netAprOnCapital,
    netUsdPerDayPer1000: netPerHour?.times("24000") ?? null,
    breakEven: breakEven(costRate, trailingPerHour ?? currentPerHour, dec("1"), dec("1")),
    reason: whyNot(pair, netAprOnCapital, parameters),
  };
}

function whyNot(
  { currentPerHour, trailingPerHour, costRate }: PairRates,
  netAprOnCapital: Decimal | null,
  parameters: EntryParameters,
): OpportunityReason | null {
  if (trailingPerHour === null || netAprOnCapital === null) return "HISTORY_TOO_SHORT";
  const carry = trailingPerHour.times(parameters.horizonHours);
  if (carry.lt(costRate.times(parameters.costMultiple))) return "CARRY_BELOW_COST";
  if (currentPerHour.lte("0")) return "SPREAD_TURNED";
  if (currentPerHour.times("8").lt(parameters.minSpread8h)) return "SPREAD_BELOW_FLOOR";
  return netAprOnCapital.lt(parameters.minNetAprOnCapital) ? "NET_APR_BELOW_MINIMUM" : null;
}
