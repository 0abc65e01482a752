import { z } from "zod";
import { guard, configuration as own } from "./parameter.ts";

/** What no order may pass, and what a hedge is allowed to weigh. */
export const limitTables = {
  limits: {
    hardCapUsd: guard.usd("100", "1..50000", "guard.hardCapUsd", "most of one leg"),
    absoluteCapUsd: guard.usd(
      "50000",
      "1..50000",
      "guard.absoluteCapUsd",
      "most that hardCapUsd can be raised to",
    ),
    equityShare: guard.fraction(
      "0.8",
      "0.01..0.8",
      "guard.maxPctOfSmallerEquity",
      "most of the smaller account's equity as one leg's notional",
    ),
    maxLeverage: guard.times("10", "1..10", "guard.maxLeverage", "most leverage of a leg"),
    leverage: own.times("3", "1..10", "leverage.default", "sets the posted margin, never the size"),
    minLiquidationDistance: guard.fraction(
      "0.2",
      "0.2..0.9",
      "guard.minLiqDistance",
      "least move to liquidation of a leg that opens",
    ),
    maxPriceMove: guard.fraction(
      "0.005",
      "0.0001..0.005",
      null,
      "price move between card and tap that asks for a new card",
    ),
    maxPriceGap: guard.fraction(
      "0.02",
      "0.0001..0.02",
      "filter.maxPriceGap",
      "most that the legs' prices may differ: beyond it they are not the same asset",
    ),
    maxRatePerInterval: guard.fraction(
      "0.04",
      "0.0001..0.04",
      "guard.maxRateAbsPerInterval",
      "a larger funding rate is a data error",
    ),
    maxRateAgeSeconds: guard.seconds(
      "60",
      "1..60",
      "guard.maxDataAgeRatesSec",
      "oldest funding rate that something opens on",
    ),
    maxBookAgeSeconds: guard.seconds(
      "5",
      "1..5",
      "guard.maxBookAgeSec",
      "oldest order book that something opens on",
    ),
    maxEquityAgeSeconds: guard.seconds(
      "30",
      "1..30",
      null,
      "oldest account that something opens on",
    ),
    equalBaseExact: guard.always("guard.equalBaseExact", "both legs are equal in base units"),
    oneHedgePerAsset: guard.always("guard.onePositionPerPair", "an asset is hedged once"),
    confirmationRequired: guard.always(
      "guard.confirmationRequired",
      "nothing opens without your tap or a mandate that you armed",
    ),
  },
  allocation: {
    venueShareOfEquity: own.fraction(
      "0.5",
      "0.05..1",
      "limit.venueShareOfEquity",
      "most of your whole equity that hedges may weigh on one venue",
    ),
    oiFraction: own.fraction(
      "0.005",
      "0.0001..0.05",
      "limit.oiFraction",
      "most of a market's open interest as one leg",
    ),
    singlePosition: own.fraction(
      "0.3",
      "0.01..1",
      "limit.singlePosition",
      "most of your whole equity as one leg",
    ),
    reserve: own.fraction("0.1", "0..0.9", "limit.reserve", "of your equity that stays free"),
    maxUtilisation: own.fraction(
      "0.85",
      "0.1..1",
      "limit.maxUtilisation",
      "ceiling of hedge notional over equity, never a target",
    ),
    minPositionUsd: own.usd(
      "20",
      "1..50000",
      "limit.minPositionUsd",
      "smallest leg worth opening, if the venues' minima are not larger",
    ),
    depthUseFraction: own.fraction(
      "0.25",
      "0.01..1",
      "exec.depthUseFraction",
      "most of the book inside the slippage limit as one leg",
    ),
    shock: own.fraction(
      "0.3",
      "0.2..1",
      null,
      "price move against it that each leg must survive alone",
    ),
  },
  mandate: {
    perHedgeUsd: own.usd("100", "1..50000", null, "most of one leg"),
    totalUsd: own.usd("300", "1..500000", null, "most of all its hedges together"),
    opensPerDay: own.count("2", "1..50", "autonomy.maxOpensPerDay", "openings a UTC day"),
    lossPerDayUsd: own.usd(
      "25",
      "1..50000",
      "autonomy.dailyLossLimitUsd",
      "a larger loss of a UTC day ends it",
    ),
    days: own.days("7", "1..90", null, "ends by itself after so long"),
    assets: z.array(z.string()),
    venues: z.array(z.string()),
  },
  stops: {
    maxDrawdown: own.fraction(
      "0.05",
      "0.001..0.9",
      "risk.maxDrawdown",
      "fall from the highest equity that stops new entries",
    ),
    dailyLossUsd: own.usd(
      "25",
      "1..50000",
      "autonomy.dailyLossLimitUsd",
      "loss of a UTC day that stops new entries",
    ),
    apiFailures: own.count(
      "5",
      "1..100",
      "circuit.apiFailures",
      "failures in a row after which a venue is left alone",
    ),
    cooldownLiquidationMinutes: own.minutes(
      "60",
      "0..10080",
      "cooldown.liquidationMin",
      "pause of a pair after a liquidation",
    ),
    cooldownSecondLegMinutes: own.minutes(
      "15",
      "0..10080",
      null,
      "pause of a pair after its second leg could not be filled",
    ),
    maxDepeg: own.fraction(
      "0.005",
      "0.0005..0.1",
      "stable.maxDepeg",
      "a dollar that is off by more stops entries in it",
    ),
    closeDepeg: own.fraction(
      "0.02",
      "0.001..0.5",
      null,
      "a dollar that is off by more proposes to close",
    ),
  },
};
