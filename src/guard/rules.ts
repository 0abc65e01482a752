import { midPrice } from "#src/core/book.ts";
import { maxOf, ZERO } from "#src/core/decimal.ts";
import { type Denial, denial } from "#src/core/denial.ts";
import { isSpotSymbol, sameAssetCheck } from "#src/core/instrument.ts";
import type { OpenProposal } from "#src/core/proposal.ts";
import { stopsEntry } from "#src/core/rules/entry-stop.ts";
import { equityKnown, withinAllocation } from "./allocation-rules.ts";
import {
  aboveMinimum,
  type LegRule,
  leverageWithin,
  linearOnly,
  liquidationFar,
  marginSufficient,
  noOtherPosition,
  type OpenCheck,
  onLot,
  withinEquityShare,
  withinHardCap,
} from "./leg-rules.ts";
import {
  bookFresh,
  borrowable,
  equityFresh,
  loanUnmoved,
  priceUnmoved,
  rateFresh,
  ratePlausible,
} from "./market-rules.ts";

/** One rule, one invariant: null, or why not, with the figures that decided. */
export type OpenRule = (check: OpenCheck) => Denial | null;
/** The entry rules, in the order in which a person would want to hear them. */
export const OPEN_RULES: readonly OpenRule[] = [
  tradingAllowed,
  noEntryStop,
  notExpired,
  snapshotMatches,
  sameAsset,
  oppositeSides,
  equalBase,
  positiveSize,
  venuePairValid,
  oneHedgeAnAsset,
  eachLeg(linearOnly),
  eachLeg(onLot),
  eachLeg(aboveMinimum),
  eachLeg(withinEquityShare),
  eachLeg(withinHardCap),
  equityKnown,
  withinAllocation("venueRoom", "VENUE_SHARE_EXCEEDED"),
  withinAllocation("singlePosition", "SINGLE_POSITION_EXCEEDED"),
  withinAllocation("utilisation", "UTILISATION_EXCEEDED"),
  withinAllocation("reserve", "RESERVE_EXCEEDED"),
  eachLeg(leverageWithin),
  eachLeg(marginSufficient),
  eachLeg(liquidationFar),
  eachLeg(borrowable),
  eachLeg(rateFresh),
  eachLeg(ratePlausible),
  eachLeg(bookFresh),
  eachLeg(equityFresh),
  pricesAgree,
  eachLeg(noOtherPosition),
];

/** At the tap only: price and loan may not have left those on the card by more than the tolerance. */
export const TAP_RULES: readonly OpenRule[] = [eachLeg(priceUnmoved), eachLeg(loanUnmoved)];

export function hasTwoLegs(proposal: OpenProposal): boolean {
  const legs: readonly unknown[] = proposal.legs;
  return Array.isArray(legs) && legs.length === 2;
}

function tradingAllowed({ tradingState }: OpenCheck): Denial | null {
  if (tradingState === "halted") return denial("TRADING_HALTED");
  return tradingState === "reducing" ? denial("TRADING_REDUCING") : null;
}

/** Drawdown, loss of the day, depeg, cool-down, a paused venue: nothing opens past them, not by a tap either. */
function noEntryStop({ snapshot }: OpenCheck): Denial | null {
  const [a, b] = snapshot.legs;
  const stop = snapshot.entryStops.find((one) => stopsEntry(one, [a.instrument, b.instrument]));
  if (!stop) return null;
  return denial("ENTRY_STOPPED", {
    reason: stop.reason,
    ...(stop.venue === null ? {} : { venue: stop.venue }),
    ...(stop.until === null ? {} : { until: String(stop.until) }),
    ...(stop.figure === null ? {} : { figure: stop.figure }),
  });
}

function notExpired({ proposal, now }: OpenCheck): Denial | null {
  if (now < proposal.expiresAt) return null;
  return denial("PROPOSAL_EXPIRED", { lateMs: String(now - proposal.expiresAt) });
}

function snapshotMatches({ proposal, snapshot }: OpenCheck): Denial | null {
  const matches = proposal.legs.every((leg, index) => {
    const seen = snapshot.legs[index];
    // Everything after the guard knows spot by its name.
    if (!seen || isSpotSymbol(leg.symbol) !== (seen.instrument.kind === "spot")) return false;
    return (
      [seen.instrument, seen.book, seen.funding].every(
        (part) => part.venue === leg.venue && part.symbol === leg.symbol,
      ) && seen.account.venue === leg.venue
    );
  });
  return matches ? null : denial("SNAPSHOT_MISMATCH");
}

function sameAsset({ proposal, snapshot }: OpenCheck): Denial | null {
  const assets = [
    ...proposal.legs.map((leg) => leg.asset),
    ...snapshot.legs.map((seen) => seen.instrument.asset),
  ];
  const odd = assets.find((asset) => asset !== proposal.asset);
  return odd === undefined ? null : denial("ASSET_MISMATCH", { asset: proposal.asset, other: odd });
}

function oppositeSides({ proposal: { legs } }: OpenCheck): Denial | null {
  return legs[0].side !== legs[1].side ? null : denial("SAME_DIRECTION", { side: legs[0].side });
}

function equalBase({ proposal }: OpenCheck): Denial | null {
  const [a, b] = proposal.legs;
  if (a.sizeBase.eq(b.sizeBase) && a.sizeBase.eq(proposal.sizeBase)) return null;
  return denial("UNEQUAL_BASE", { first: a.sizeBase.toFixed(), second: b.sizeBase.toFixed() });
}

function positiveSize({ proposal }: OpenCheck): Denial | null {
  return proposal.legs.every((leg) => leg.sizeBase.gt(ZERO)) ? null : denial("SIZE_ZERO");
}

/** Perps on two different venues, or spot and perp on one. */
function venuePairValid({ snapshot: { legs } }: OpenCheck): Denial | null {
  const [a, b] = [legs[0].instrument, legs[1].instrument];
  const perps = [a, b].filter((one) => one.kind === "perp").length;
  const valid = a.venue === b.venue ? perps === 1 : perps === 2;
  return valid ? null : denial("VENUE_PAIR_INVALID", { first: a.venue, second: b.venue });
}

function oneHedgeAnAsset({ proposal, snapshot }: OpenCheck): Denial | null {
  if (!snapshot.hedgedAssets.includes(proposal.asset)) return null;
  return denial("ASSET_ALREADY_HEDGED", { asset: proposal.asset });
}

function pricesAgree({ snapshot: { legs }, limits }: OpenCheck): Denial | null {
  const [a, b] = [midPrice(legs[0].book), midPrice(legs[1].book)];
  if (!a || !b) return denial("PRICE_MISMATCH", { reason: "a book has an empty side" });
  const mids = sameAssetCheck(a, b, limits.maxPriceGap);
  const marks = sameAssetCheck(legs[0].markPrice, legs[1].markPrice, limits.maxPriceGap);
  if (mids.same && marks.same) return null;
  return denial("PRICE_MISMATCH", {
    first: a.toFixed(),
    second: b.toFixed(),
    gap: maxOf(mids.relDiff, marks.relDiff).toFixed(4),
  });
}

function eachLeg(rule: LegRule): OpenRule {
  return (check) => {
    for (const index of [0, 1] as const) {
      const found = rule(check.proposal.legs[index], check.snapshot.legs[index], check);
      if (found) return found;
    }
    return null;
  };
}
