import { type Decimal, maxOf, minOf, ONE, sum, ZERO } from "#src/core/decimal.ts";
import { roundTripFeeUsd } from "#src/core/figures/costs.ts";
import type { OpenLeg } from "#src/core/proposal.ts";
import { entryBasis } from "#src/core/rules/entry-gate.ts";
import { rate, type Usd, usd } from "#src/core/units.ts";

/** What the costs of a leg stand on. */
export type PricedLeg = Pick<
  OpenLeg,
  "sizeBase" | "priceSeen" | "notionalUsd" | "takerFeeRate" | "slippageRate"
>;

/** What getting in and out of both legs costs, at their own sizes and prices. */
export function costsOf(
  short: PricedLeg,
  long: PricedLeg,
  {
    exitSlipMultiple,
    usualGap,
  }: {
    readonly exitSlipMultiple: Decimal;
    /** What the short leg's price usually is over the long leg's, less one; null when unknown. */
    readonly usualGap: Decimal | null;
  },
) {
  const size = short.sizeBase;
  const fees = {
    shortIn: short.takerFeeRate,
    longIn: long.takerFeeRate,
    shortOut: short.takerFeeRate,
    longOut: long.takerFeeRate,
  };
  const prices = {
    shortIn: short.priceSeen,
    longIn: long.priceSeen,
    shortOut: short.priceSeen,
    longOut: long.priceSeen,
  };
  const feesUsd = roundTripFeeUsd(size, prices, fees);
  const slipInUsd = short.slippageRate
    .times(short.notionalUsd)
    .plus(long.slippageRate.times(long.notionalUsd));
  const slippageUsd = usd(slipInUsd.times(exitSlipMultiple.plus("1")));
  // What the gap between what we sell and buy should earn when it is as usual again (domain 2.3). Where
  // nobody knows what is usual, selling below what we buy at costs, and the other way round earns nothing.
  const { lockedUsd } = entryBasis(size, short.priceSeen, long.priceSeen);
  const usualUsd = usualGap?.times(long.priceSeen).times(size) ?? null;
  const fromGapUsd = usualUsd ? lockedUsd.minus(usualUsd) : minOf<Decimal>(lockedUsd, ZERO);
  const spentUsd = feesUsd.plus(slippageUsd).minus(fromGapUsd);
  const costRate = rate(
    maxOf<Decimal>(spentUsd, feesUsd).div(maxOf(short.notionalUsd, long.notionalUsd)),
  );
  return { feesUsd, slippageUsd, costRate };
}

/** In at its collar and out again at the emergency price, a taker's fee each time. */
export function takingBack(leg: OpenLeg, emergencySlippage: Decimal): Usd {
  const inWorse = leg.collarPrice.div(leg.priceSeen).minus(ONE).abs();
  const rates = sum([leg.takerFeeRate, leg.takerFeeRate, inWorse, emergencySlippage]);
  return usd(leg.notionalUsd.times(rates));
}
