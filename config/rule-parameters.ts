import { advisory, guard, configuration as own } from "./parameter.ts";

/** When something is opened, kept, evened out, moved and left. */
export const ruleTables = {
  filter: {
    minVolume24hUsd: own.usd(
      "100000000",
      "0..100000000000",
      "filter.minVolume24hUsd",
      "least traded in 24 h in a leg's market",
    ),
    minOpenInterestUsd: own.usd(
      "50000000",
      "0..100000000000",
      "filter.minOpenInterestUsd",
      "least open interest of a leg's market",
    ),
    smallVenues: own.names(
      ["dydx", "hibachi", "extended", "pacifica"],
      null,
      "venues with the two smaller floors below",
    ),
    smallMinVolume24hUsd: own.usd(
      "2000000",
      "0..100000000000",
      null,
      "least traded in 24 h on a small venue",
    ),
    smallMinOpenInterestUsd: own.usd(
      "1000000",
      "0..100000000000",
      null,
      "least open interest on a small venue",
    ),
    maxBidAsk: own.fraction(
      "0.0002",
      "0.00001..0.05",
      "filter.maxBidAsk",
      "widest gap of best bid and ask, of the mid",
    ),
    minFundingAbs8h: own.per8h(
      "0.0001",
      "0..0.01",
      "filter.minFundingAbs8h",
      "least funding of a perpetual that is hedged with spot",
    ),
  },
  entry: {
    assets: own.names([], "symbols", "what may be opened; empty: every asset"),
    lookbackDays: own.days(
      "14",
      "1..60",
      "entry.lookbackDays",
      "realised rates that make the trailing mean",
    ),
    horizonDays: own.days("21", "1..90", "entry.horizonDays", "how long we expect to hold"),
    costMultiple: own.times(
      "1.5",
      "1..10",
      "entry.costMultiple",
      "the trailing mean over the horizon must pay the costs so often",
    ),
    seed2Base: own.per8h("0.0001", "0..0.01", "entry.seed2Base", "floor on the current spread"),
    seed2Per10k: own.per8h(
      "0.00001",
      "0..0.01",
      "entry.seed2Per10k",
      "what the floor rises by for every 10,000 USD of a leg",
    ),
    minNetAprOnCapital: own.perYear(
      "0.05",
      "0..1",
      "entry.minNetAprOnCapital",
      "least that is left after costs, on both legs' notional",
    ),
    leadMinMinutes: own.minutes(
      "15",
      "0..480",
      "entry.leadMinMinutes",
      "a mandate opens no later than so long before the payment",
    ),
    leadMaxMinutes: own.minutes(
      "30",
      "1..480",
      "entry.leadMaxMinutes",
      "a mandate opens no sooner than so long before the payment",
    ),
    scoreWeights: advisory.fractions(
      ["0.4", "0.3", "0.2", "0.1"],
      "score.weights",
      "funding, volume, steadiness, bid-ask: orders what is worth the same",
    ),
  },
  exit: {
    negativeTolerance8h: own.per8h(
      "-0.0001",
      "-0.01..0",
      "exit.negativeTolerance8h",
      "spread below which a hedge may be left (0, -0.0001 or -0.0005 are usual)",
    ),
    trailingDays: own.days(
      "14",
      "1..60",
      "exit.trailingDays",
      "realised rates that must be against a hedge, too",
    ),
    maxAdverseBasis: own.fraction(
      "0.005",
      "0.0005..0.1",
      "exit.maxAdverseBasis",
      "move of the legs' gap against a hedge since its entry that alerts",
    ),
    maxAgeDays: own.days("60", "1..3650", "exit.maxAgeDays", "older hedges must be approved again"),
  },
  rotate: {
    minHoldHours: own.hours(
      "24",
      "0..8760",
      "rotate.minHoldHours",
      "how long a hedge is held before another may replace it",
    ),
    costMultiple: own.times(
      "1",
      "0.5..10",
      "rotate.costMultiple",
      "what is gained must pay closing and opening so often",
    ),
  },
  flip: {
    enabled: own.toggle(false, "flip.enabled", "turn a hedge round when its trailing mean turned"),
  },
  rebalance: {
    maxDrift: own.fraction(
      "0.03",
      "0.005..0.1",
      "rebalance.maxDrift",
      "legs further apart are evened",
    ),
    emergencyDrift: guard.fraction(
      "0.1",
      "0.005..0.1",
      "rebalance.emergencyDrift",
      "legs further apart are evened at once",
    ),
    minUsd: own.usd(
      "100",
      "0..50000",
      "rebalance.minUsd",
      "smaller differences are left (or 2 % of the hedge, if that is less)",
    ),
    intervalSeconds: own.seconds(
      "300",
      "60..3600",
      "rebalance.intervalSec",
      "how often drift is looked at",
    ),
  },
  margin: {
    ratioGreen: own.times(
      "5",
      "1..100",
      "margin.ratioGreen",
      "equity over maintenance: all is well",
    ),
    ratioYellow: own.times("3", "1..100", "margin.ratioYellow", "below green: you are told"),
    ratioOrange: guard.times(
      "2",
      "2..100",
      "margin.ratioOrange",
      "below yellow: the hedge is cut; below this it is closed",
    ),
    distGreen: own.fraction(
      "0.3",
      "0.1..1",
      "margin.distGreen",
      "move to liquidation: all is well",
    ),
    distYellow: own.fraction("0.2", "0.1..1", "margin.distYellow", "below green: you are told"),
    distOrange: guard.fraction(
      "0.1",
      "0.1..1",
      "margin.distOrange",
      "below yellow: the hedge is cut; below this it is closed",
    ),
    yellowCut: own.fraction(
      "0.25",
      "0.05..1",
      "margin.yellowCut",
      "least part that a cut takes off",
    ),
  },
  borrow: {
    safetyMultiple: own.times(
      "1.2",
      "1..10",
      "borrow.safetyMultiple",
      "funding must pay what borrowing costs so often",
    ),
  },
};
