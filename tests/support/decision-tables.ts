import { dec } from "#src/core/decimal.ts";
import type { DecisionTable, MarketEvidence } from "#src/core/decision.ts";
import {
  assignSlots,
  type CloseCandidate,
  type OpenCandidate,
} from "#src/core/rules/assign-slots.ts";
import { notionalUsd, rate, usd } from "#src/core/units.ts";
import { UNKNOWN_EVIDENCE } from "#src/rates/market-evidence.ts";

/** Names as long as those of real markets. */
const ASSETS = [
  ...["FARTCOIN", "VIRTUAL", "MOODENG", "PNUT", "BTC", "ETH", "SOL", "RENDER", "TRUMP", "PENGU"],
  ...["HYPE", "JTO", "AIXBT", "GRIFFAIN", "KAITO", "WLD", "POPCAT", "GOAT", "NEIRO", "TURBO"],
  ...["SPX", "MOG", "ZEREBRO", "LAYER"],
];

export function openCandidate(over: Partial<OpenCandidate> = {}): OpenCandidate {
  const asset = over.asset ?? "SOL";
  return {
    ...{ opportunityId: `X${asset}`, asset, shortVenue: "hyperliquid", shortSymbol: asset },
    ...{ longVenue: "binance", longSymbol: `${asset}USDT`, spread8h: rate("0.000161") },
    ...{ trailingSpread8h: rate("0.00014"), costRate: rate("0.0021") },
    ...{ netAprOnCapital: dec("0.123"), breakEvenHours: dec("101.4") },
    ...{ depthUsd: notionalUsd("52000"), basis: dec("0.0003"), minutesToFunding: 40 },
    evidence: UNKNOWN_EVIDENCE,
    ...over,
  };
}

export function closeCandidate(over: Partial<CloseCandidate> = {}): CloseCandidate {
  const asset = over.asset ?? "BTC";
  return {
    ...{ hedgeId: `H${asset}`, asset, shortVenue: "hyperliquid", longVenue: "binance" },
    ...{ ageHours: dec("30.2"), openedAtSpread8h: rate("0.0002"), spread8h: rate("-0.00001") },
    ...{ trailingSpread8h: rate("0.00002"), fundingUsd: usd("0.42"), feesUsd: usd("0.21") },
    ...{ pnlUsd: usd("0.18"), hasTurned: false },
    ...over,
  };
}

export function decisionTable(
  opens: readonly OpenCandidate[],
  closes: readonly CloseCandidate[],
  over: Partial<DecisionTable> = {},
): DecisionTable {
  return {
    ...{ at: 1_770_000_000_000, mostUsd: notionalUsd("100"), record: [] },
    ...assignSlots(opens, closes),
    ...over,
  };
}

/** As many candidates as there are slots, every figure as wide as it can be shown. */
export function widestTable(): DecisionTable {
  const far = rate("-0.0999");
  const evidence: MarketEvidence = {
    ...{ rsi14: dec("88.8"), macdHistogram: dec("0.00123"), emaGap: dec("-0.0888") },
    ...{ openInterestUsd: notionalUsd("98765"), persistence: dec("1") },
    spread8hByDay: Array.from({ length: 7 }, () => far),
  };
  const venues = { shortVenue: "hyperliquid-sim", longVenue: "binance-sim" };
  const opens = ASSETS.slice(0, 16).map((asset) =>
    openCandidate({
      ...{ ...venues, asset, spread8h: far, trailingSpread8h: far, costRate: rate("0.00999") },
      ...{ netAprOnCapital: dec("-9.99"), breakEvenHours: dec("998.6"), basis: dec("-0.00987") },
      ...{ depthUsd: notionalUsd("98.76"), minutesToFunding: 479, evidence },
    }),
  );
  const closes = ASSETS.slice(16).map((asset) =>
    closeCandidate({
      ...{ ...venues, asset, ageHours: dec("987.6"), openedAtSpread8h: far, spread8h: far },
      ...{ trailingSpread8h: far, fundingUsd: usd("-9.87"), feesUsd: usd("-9.87") },
      ...{ pnlUsd: usd("-9.87"), hasTurned: true },
    }),
  );
  return decisionTable(opens, closes, {
    mostUsd: notionalUsd("98765.43"),
    record: [8, 24, 72].map((horizonHours) => ({
      ...{ horizonHours, count: 999, hitShare: dec("0.999"), meanNetRate: rate("-0.00999") },
    })),
  });
}
