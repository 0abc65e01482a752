import { type Decimal, ZERO } from "#src/core/decimal.ts";
import { type Asset, settlesInUsd } from "#src/core/instrument.ts";
import type { ListedRate } from "#src/core/opportunity.ts";
import { pairLegs, type RankLeg, type ScoredPair } from "./pair-legs.ts";

/** Why an asset was not looked at closely. */
export type NotLookedAt = "NO_SECOND_VENUE" | "NOT_AMONG_BEST";

/**
 * What is worth a closer look: the legs of the `count` assets whose best pair pays most at the current
 * rates after list fees. Of each asset those that its best pair can be made of, and what else the same
 * venues list of it (BTCUSDT beside BTCUSDC: only their books say which of them can be traded).
 */
export function shortlistLegs(input: {
  readonly listed: readonly ListedRate[];
  readonly horizonHours: Decimal;
  readonly count: number;
  /** Every leg of an asset: trailing means may favour others than the current rates do. */
  readonly wholeAssets?: boolean;
}): {
  /** Of the best assets first. */
  readonly legs: readonly ListedRate[];
  readonly dropped: readonly { readonly asset: Asset; readonly reason: NotLookedAt }[];
} {
  const tradable = input.listed.filter(
    ({ instrument }) => instrument.linear && settlesInUsd(instrument),
  );
  const pairs: (readonly [Asset, ScoredPair])[] = [];
  const dropped: { asset: Asset; reason: NotLookedAt }[] = [];
  for (const [asset, pair] of pairLegs(tradable.map(unknownBook), input.horizonHours, listFees)) {
    if (pair) pairs.push([asset, pair]);
    else dropped.push({ asset, reason: "NO_SECOND_VENUE" });
  }
  pairs.sort(([, a], [, b]) => b.score.cmp(a.score));
  const best = pairs.splice(0, input.count);
  for (const [asset] of pairs) dropped.push({ asset, reason: "NOT_AMONG_BEST" });
  const placeOf = input.wholeAssets ? assetOf : placeOnVenue;
  const wanted = new Set(best.flatMap(([, { rivals }]) => rivals.map(placeOf)));
  const rank = new Map(best.map(([asset], index) => [asset, index]));
  const legs = tradable
    .filter((leg) => wanted.has(placeOf(leg)))
    .sort((a, b) => (rank.get(assetOf(a)) ?? 0) - (rank.get(assetOf(b)) ?? 0));
  return { legs, dropped };
}

function unknownBook(listed: ListedRate): RankLeg {
  return { ...listed, trailingPerHour: null, slippageRate: null, midPrice: null, market: null };
}

/** In and out at the venue's list: slippage is not known before the book is. */
function listFees({ instrument: { takerFeeRate } }: RankLeg): Decimal {
  return ZERO.plus(takerFeeRate).plus(takerFeeRate);
}

function assetOf({ instrument }: ListedRate): string {
  return instrument.asset;
}

function placeOnVenue({ instrument: { asset, venue, kind } }: ListedRate): string {
  return `${asset}:${venue}:${kind}`;
}
