import { dec } from "#src/core/decimal.ts";
import { notionalUsd, rate } from "#src/core/units.ts";
import type { LegMarket } from "#src/opportunities/pair-legs.ts";
import type { EntryRules } from "#src/opportunities/refuse-pair.ts";

/** The rules as they are shipped. */
export const ENTRY_RULES: EntryRules = {
  entry: {
    horizonHours: dec("504"),
    costMultiple: dec("1.5"),
    seed2Base: dec("0.0001"),
    seed2Per10k: dec("0.00001"),
    minNetAprOnCapital: dec("0.05"),
    exitSlipMultiple: dec("1.5"),
  },
  filters: {
    minVolume24hUsd: dec("100000000"),
    minOpenInterestUsd: dec("50000000"),
    smallVenues: ["small"],
    smallMinVolume24hUsd: dec("2000000"),
    smallMinOpenInterestUsd: dec("1000000"),
    maxBidAsk: dec("0.0002"),
  },
  assets: [],
  maxPriceGap: dec("0.02"),
  minFundingAbs8h: dec("0.0001"),
  borrowSafety: dec("1.2"),
  scoreWeights: [dec("0.4"), dec("0.3"), dec("0.2"), dec("0.1")],
};

/** A market that passes every filter at its boundary. */
export const GOOD_MARKET: LegMarket = {
  volume24hUsd: notionalUsd("100000000"),
  openInterestUsd: notionalUsd("50000000"),
  bidAsk: rate("0.0002"),
  depthUsd: notionalUsd("100000"),
  settlesEveryHours: dec("8"),
  hourly: new Map(),
};

/** Leaves out the floor on the spread: what a size asks for is another test's matter. */
export const SIZE_100 = () => notionalUsd("100");
