import { ONE, ZERO } from "#src/core/decimal.ts";
import type { MaintenanceTiers } from "#src/core/instrument.ts";
import type { Listed } from "#src/venues/ccxt/driver.ts";
import { toBase } from "#src/venues/ccxt/listed.ts";
import { decimalOrNull, type Row } from "#src/venues/ccxt/row.ts";

/** Its tiers go by contracts, and the rate of the tier counts for the whole position: nothing is taken off. */
export function okxTiers(of: Listed, listed: readonly Row[]): MaintenanceTiers | null {
  const whole = listed.flatMap((one) => {
    const [most, rate] = [decimalOrNull(one, "maxSz"), decimalOrNull(one, "mmr")];
    return most?.gt(ZERO) && rate ? [{ upToBase: toBase(of, most), rate }] : [];
  });
  const rising = whole.toSorted((a, b) => a.upToBase.cmp(b.upToBase));
  const isSound = rising.every(({ rate }, index) => {
    const before = rising[index - 1];
    return rate.lt(ONE) && (before ? rate.gte(before.rate) : rate.gt(ZERO));
  });
  if (!isSound || rising.length === 0 || rising.length < listed.length) return null;
  const tiers = rising.map(({ rate }, index) => ({
    lowerBase: rising[index - 1]?.upToBase ?? ZERO,
    rate,
  }));
  return { by: "size", tiers };
}
