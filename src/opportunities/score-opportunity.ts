import { type Decimal, dec, ZERO } from "#src/core/decimal.ts";
import { type BreakEven, breakEven } from "#src/core/figures/costs.ts";
import type { OpportunityReason, ReasonFigures } from "#src/core/opportunity.ts";
import { breakEvenSpread8h, entryGate, seed2Threshold } from "#src/core/rules/entry-gate.ts";
import { type Rate, rate } from "#src/core/units.ts";

/** The entry gate's parameters. */
export interface EntryParameters {
  /** How long we expect to hold. */
  readonly horizonHours: Decimal;
  /** Trailing carry over the horizon must pay the costs this often. */
  readonly costMultiple: Decimal;
  /** Floor on the current spread per 8 h, and what it rises by for every 10,000 USD of a leg. */
  readonly seed2Base: Decimal;
  readonly seed2Per10k: Decimal;
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
  /** One leg's notional. */
  readonly sizeUsd: Decimal;
}

export interface PairScore {
  readonly spread8h: Rate;
  readonly trailingSpread8h: Rate | null;
  readonly aprOnNotional: Decimal;
  readonly netAprOnCapital: Decimal | null;
  readonly netUsdPerDay: Decimal | null;
  readonly breakEven: BreakEven | null;
  readonly reason: OpportunityReason | null;
  readonly figures: ReasonFigures | null;
}

/**
 * The gate of domain 2.5: the trailing mean over the horizon pays k times the cost, the market still
 * pays the same way, and what is left is worth the capital. Capital is both legs' full notional:
 * leverage never flatters it.
 */
export function scoreOpportunity(pair: PairRates, parameters: EntryParameters): PairScore {
  const { currentPerHour, trailingPerHour, costRate, sizeUsd } = pair;
  const { horizonHours } = parameters;
  const netPerHour = trailingPerHour?.minus(costRate.div(horizonHours)) ?? null;
  const netAprOnCapital = netPerHour?.times("8760").div("2") ?? null;
  return {
    spread8h: rate(currentPerHour.times("8")),
    trailingSpread8h: trailingPerHour ? rate(trailingPerHour.times("8")) : null,
    aprOnNotional: (trailingPerHour ?? currentPerHour).times("8760"),
    netAprOnCapital,
    netUsdPerDay: netPerHour?.times("24").times(sizeUsd) ?? null,
    breakEven: breakEven(costRate, trailingPerHour ?? currentPerHour, dec("1"), dec("1")),
    ...judge(pair, netAprOnCapital, parameters),
  };
}

function judge(
  { currentPerHour, trailingPerHour, costRate, sizeUsd }: PairRates,
  netAprOnCapital: Decimal | null,
  parameters: EntryParameters,
): Pick<PairScore, "reason" | "figures"> {
  if (trailingPerHour === null || netAprOnCapital === null) {
    return { reason: "HISTORY_TOO_SHORT", figures: null };
  }
  const instant8h = currentPerHour.times("8");
  const trailing8h = trailingPerHour.times("8");
  const now = { have: instant8h, unit: "rate8h", venue: null } as const;
  const gate = entryGate({
    ...{ costRate, instant8h, trailingMean8h: trailing8h },
    ...{ horizonHours: parameters.horizonHours, multiple: parameters.costMultiple },
  });
  const { spread8h: need8h } = breakEvenSpread8h(
    costRate,
    parameters.horizonHours,
    parameters.costMultiple,
  );
  const carry = { ...now, have: trailing8h, need: need8h.round(10) };
  if (gate.expected.lt(gate.need)) return { reason: "CARRY_BELOW_COST", figures: carry };
  if (!gate.enter) return { reason: "SPREAD_TURNED", figures: { ...now, need: ZERO } };
  const floor = seed2Threshold(sizeUsd, parameters.seed2Base, parameters.seed2Per10k);
  if (instant8h.lt(floor)) {
    return { reason: "SPREAD_BELOW_FLOOR", figures: { ...now, need: floor } };
  }
  if (netAprOnCapital.gte(parameters.minNetAprOnCapital)) return { reason: null, figures: carry };
  const need = parameters.minNetAprOnCapital;
  return {
    reason: "NET_APR_BELOW_MINIMUM",
    figures: { have: netAprOnCapital, need, unit: "apr", venue: null },
  };
}
