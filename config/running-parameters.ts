import { advisory, configuration as own } from "./parameter.ts";

/** How orders are sent, how often we look, and what is shown. */
export const runningTables = {
  execution: {
    maxSlippage: own.fraction(
      "0.0005",
      "0.0001..0.005",
      "exec.maxSlippage",
      "a leg, from the best price",
    ),
    secondLegTries: own.count("3", "1..10", "exec.secondLegTries", "tries to fill the second leg"),
    retryDelayMs: own.ms("2000", "10..30000", null, "between these tries"),
    orderLifeMs: own.ms("10000", "1000..60000", null, "after this a venue must refuse the order"),
    makerWaitMs: own.ms(
      "30000",
      "0..120000",
      "exec.fillTimeoutSec",
      "how long the thinner leg rests for the maker's fee before it takes",
    ),
    twapAboveUsd: own.usd(
      "50000",
      "1..50000",
      "exec.twapAboveUsd",
      "a larger leg would need slicing over time, which is not built: hardCapUsd must not pass it",
    ),
  },
  paper: {
    startingCashUsd: own.usd("10000", "1..10000000", null, "in each simulated account"),
    minHours: own.hours(
      "24",
      "1..8760",
      "paper.minHours",
      "paper or testnet running on a venue before live can be unlocked",
    ),
  },
  report: {
    cashYield: own.perYear("0.04", "0..1", null, "what cash earns: a hedge must beat it"),
    targetSharpe: advisory.number("2", "0..20", "target.sharpe", "shown beside the Sharpe ratio"),
    targetWinRate: advisory.fraction(
      "0.7",
      "0..1",
      "target.winRatePerPeriod",
      "shown beside the win rate of funding periods",
    ),
    targetUtilisation: advisory.fraction(
      "0.8",
      "0..1",
      "target.utilisation",
      "shown beside the utilisation; nothing steers for it",
    ),
  },
};

/** They stand in tables with settings of other kinds. */
export const runningParameters = {
  schedule: {
    scanMinutes: own.minutes(
      "5",
      "1..60",
      "scan.intervalSec",
      "between two looks at the whole market",
    ),
    watchMinutes: own.minutes("1", "1..60", null, "between two looks at open hedges"),
  },
  model: {
    temperature: own.number(
      "0.1",
      "0..2",
      "llm.temperature",
      "not sent: many models take no other than their own",
    ),
    minConfidence: advisory.number(
      "0.6",
      "0..1",
      "llm.minConfidence",
      "a vote below it is shown as unsure; no vote is ever enough",
    ),
    minSpreadApr: advisory.perYear(
      "0.05",
      "0..1",
      "llm.minSpreadApr",
      "what you look for; only shown",
    ),
  },
};
