import { rate } from "#src/core/units.ts";
import type { FeeRates } from "#src/ports/venue.ts";
import type { VenueDriver } from "./driver.ts";

/** What the owner chose to pay a builder is a cost of every fill, whoever asks what one costs. */
export function withBuilderFee(driver: VenueDriver, builderFeeRate: string | null): VenueDriver {
  if (builderFeeRate === null) return driver;
  function dearer<T extends FeeRates>(fees: T): T {
    return {
      ...fees,
      takerFeeRate: rate(fees.takerFeeRate.plus(builderFeeRate ?? "0")),
      makerFeeRate: rate(fees.makerFeeRate.plus(builderFeeRate ?? "0")),
    };
  }
  return {
    ...driver,
    list(market) {
      const listed = driver.list(market);
      return listed && { ...listed, instrument: dearer(listed.instrument) };
    },
    feeRates: async (of) => dearer(await driver.feeRates(of)),
  };
}
