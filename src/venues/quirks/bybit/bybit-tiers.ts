import { type Decimal, dec, ZERO } from "#src/core/decimal.ts";
import type { MaintenanceTiers } from "#src/core/instrument.ts";
import { decimalOrNull, type Row } from "#src/venues/ccxt/row.ts";
import { progressiveTiers } from "#src/venues/quirks/shared/progressive-tiers.ts";

/** Its risk limits: each says up to which value of the position it counts. Null when they are not understood. */
export function bybitTiers(limits: readonly Row[]): MaintenanceTiers | null {
  const whole = limits.flatMap((one) => {
    const [upToUsd, rate] = [decimalOrNull(one, "riskLimitValue"), fractionOf(one)];
    return upToUsd && rate ? [{ upToUsd, rate, one }] : [];
  });
  if (whole.length < limits.length) return null;
  const rising = whole.toSorted((a, b) => a.upToUsd.cmp(b.upToUsd));
  return progressiveTiers(
    rising.map(({ rate, one }, index) => ({
      lowerUsd: rising[index - 1]?.upToUsd ?? ZERO,
      rate,
      deductionUsd: decimalOrNull(one, "mmDeduction"),
    })),
  );
}

/** Its documents write some margins in percent: the most leverage tells what this one is in. */
function fractionOf(limit: Row): Decimal | null {
  const [initial, most] = [
    decimalOrNull(limit, "initialMargin"),
    decimalOrNull(limit, "maxLeverage"),
  ];
  const isFraction = initial && most && initial.times(most).minus("1").abs().lte(dec("0.05"));
  return isFraction ? decimalOrNull(limit, "maintenanceMargin") : null;
}
