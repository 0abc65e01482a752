import { type Decimal, dec, ZERO } from "#src/core/decimal.ts";
import { type EpochMs, type Rate, rate, type Usd, usd } from "#src/core/units.ts";

/** The spread per 8 h that pays `costRate` × `multiple` within the horizon, and its APR (domain 2.4). */
export function breakEvenSpread8h(
  costRate: Decimal,
  horizonHours: Decimal,
  multiple: Decimal,
): { readonly spread8h: Rate; readonly apr: Decimal } {
  const spread8h = costRate.times(multiple).times("8").div(horizonHours);
  return { spread8h: rate(spread8h), apr: spread8h.times("1095") };
}

/** The least spread per 8 h that a size may ask for: a floor, never a reason (domain 2.4). */
export function seed2Threshold(sizeUsd: Decimal, base: Decimal, per10kUsd: Decimal): Rate {
  return rate(base.plus(per10kUsd.times(sizeUsd).div("10000")));
}

/**
 * Enter? The trailing mean over the horizon must pay the cost k times, and the market of this moment must
 * still pay in the trade's direction (domain 2.5). Rates are per 8 h in the trade's direction.
 */
export function entryGate(input: {
  readonly costRate: Decimal;
  readonly trailingMean8h: Decimal;
  readonly instant8h: Decimal;
  readonly horizonHours: Decimal;
  readonly multiple: Decimal;
}): { readonly expected: Rate; readonly need: Rate; readonly enter: boolean } {
  const expected = input.trailingMean8h.times(input.horizonHours).div("8");
  const need = input.costRate.times(input.multiple);
  return {
    expected: rate(expected),
    need: rate(need),
    enter: expected.gte(need) && input.instant8h.gt(ZERO),
  };
}

/** Is the settlement `minMinutes` to `maxMinutes` away, both included (domain 2.6)? Market time. */
export function inEntryWindow(
  now: EpochMs,
  fundingAt: EpochMs,
  minMinutes: number,
  maxMinutes: number,
): boolean {
  const lead = fundingAt - now;
  return lead >= minMinutes * MINUTE_MS && lead <= maxMinutes * MINUTE_MS;
}

const MINUTE_MS = 60_000;

/**
 * The gap at entry, sold minus bought (domain 2.3): positive is what closing the gap would earn. As basis
 * points of the mean price, and in USD for this size.
 */
export function entryBasis(
  sizeBase: Decimal,
  shortPrice: Decimal,
  longPrice: Decimal,
): { readonly basisBps: Decimal; readonly lockedUsd: Usd } {
  const gap = shortPrice.minus(longPrice);
  const mean = shortPrice.plus(longPrice).div("2");
  return { basisBps: gap.div(mean).times(dec("10000")), lockedUsd: usd(gap.times(sizeBase)) };
}
