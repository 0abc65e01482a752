import fc from "fast-check";
import { type Decimal, dec, minOf, ONE, ZERO } from "#src/core/decimal.ts";
import type { Maintenance } from "#src/core/figures/maintenance.ts";
import { rate } from "#src/core/units.ts";

/** Up to six tiers that begin anywhere, each with a higher rate than the one before; or none. */
export const anyMaintenance: fc.Arbitrary<Maintenance> = fc
  .record({
    by: fc.constantFrom("notional" as const, "size" as const, null),
    steps: fc.array(
      fc.record({
        wide: fc.integer({ min: 1, max: 500_000 }),
        more: fc.integer({ min: 1, max: 100 }),
      }),
      { minLength: 1, maxLength: 6 },
    ),
  })
  .map(({ by, steps }) => {
    const maintenanceRate = rate("0.05");
    if (by === null) return { maintenanceRate };
    let [lower, parts] = [0, 3];
    const tiers = steps.map(({ wide, more }) => {
      const tier = { lower: dec(String(lower)), rate: dec(String(parts)).div("1000") };
      lower += by === "size" ? wide / 20 + 1 - ((wide / 20) % 1) : wide;
      parts += more;
      return tier;
    });
    const maintenanceTiers =
      by === "size"
        ? { by, tiers: tiers.map((one) => ({ lowerBase: one.lower, rate: one.rate })) }
        : { by, tiers: tiers.map((one) => ({ lowerUsd: one.lower, rate: one.rate })) };
    return { maintenanceRate, maintenanceTiers };
  });

/** What a venue says that it keeps, added up tier by tier: the definition, without deductions. */
export function venueKeeps(of: Maintenance, sizeBase: Decimal, atPrice: Decimal): Decimal {
  const [notional, known] = [sizeBase.times(atPrice), of.maintenanceTiers];
  if (!known) return notional.times(of.maintenanceRate);
  if (known.by === "size") {
    const [last = { rate: ONE }] = known.tiers
      .filter((one) => one.lowerBase.lte(sizeBase))
      .slice(-1);
    return notional.times(last.rate);
  }
  return known.tiers.reduce((kept, { lowerUsd, rate: share }, index) => {
    const upper = known.tiers[index + 1]?.lowerUsd ?? notional;
    const within = minOf(notional, upper).minus(lowerUsd);
    return within.gt(ZERO) ? kept.plus(within.times(share)) : kept;
  }, ZERO);
}
