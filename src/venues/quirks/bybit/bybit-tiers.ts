import { dec, ZERO } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import type { MaintenanceTiers } from "#src/core/instrument.ts";
import { decimal, decimalOrNull, type Row } from "#src/venues/ccxt/row.ts";
import { progressiveTiers } from "#src/venues/quirks/progressive-tiers.ts";

/** Its risk limits: each says up to which value of the position it counts. */
export function bybitTiers(limits: readonly Row[]): MaintenanceTiers | null {
  const rising = limits
    .map((one) => ({ upToUsd: decimal(one, "riskLimitValue"), rate: fractionOf(one), one }))
    .toSorted((a, b) => a.upToUsd.cmp(b.upToUsd));
  return progressiveTiers(
    rising.map(({ rate, one }, index) => ({
      lowerUsd: rising[index - 1]?.upToUsd ?? ZERO,
      rate,
      deductionUsd: decimalOrNull(one, "mmDeduction"),
    })),
  );
}

/** Its documents write some margins in percent: the most leverage tells what this one is in. */
function fractionOf(limit: Row) {
  const whole = decimal(limit, "initialMargin").times(decimal(limit, "maxLeverage"));
  if (whole.minus("1").abs().lte(dec("0.05"))) return decimal(limit, "maintenanceMargin");
  throw new RetryableError("margins are not fractions");
}
