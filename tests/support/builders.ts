import { canonicalHash } from "#src/core/canonical-hash.ts";
import { dec } from "#src/core/decimal.ts";
import type { BorrowRate } from "#src/core/figures/borrow.ts";
import type { Instrument } from "#src/core/instrument.ts";
import type { OpenLeg, OpenProposal } from "#src/core/proposal.ts";
import type { Portfolio } from "#src/core/rules/allocation.ts";
import type { LegSnapshot, Snapshot } from "#src/core/snapshot.ts";
import { baseSize, notionalUsd, price, rate, signedBase, usd } from "#src/core/units.ts";
import type { Authority } from "#src/guard/check.ts";
import type { OpenCheck } from "#src/guard/leg-rules.ts";
import { tightenLimits } from "#src/guard/limits.ts";

/** Wall time of every built thing. */
export const NOW = 1_770_000_000_000;

export function instrument(over: Partial<Instrument> = {}): Instrument {
  return {
    venue: "alpha",
    symbol: "BTC-PERP",
    asset: "BTC",
    kind: "perp",
    linear: true,
    settleCurrency: "USDT",
    contractSizeBase: baseSize("1"),
    lotStepBase: baseSize("0.001"),
    minSizeBase: baseSize("0.001"),
    minNotionalUsd: notionalUsd("5"),
    priceTick: price("0.1"),
    maxLeverage: dec("50"),
    maintenanceRate: rate("0.01"),
    takerFeeRate: rate("0.0005"),
    makerFeeRate: rate("0.0002"),
    ...over,
  };
}

export interface LegSpec {
  readonly venue: string;
  readonly side: "long" | "short";
  readonly price?: string;
  readonly sizeBase?: string;
  readonly equityUsd?: string;
  readonly instrument?: Partial<Instrument>;
}

/** A hedge that the guard has nothing against: half a bitcoin on two venues. */
export function openCheck(
  specs: readonly [LegSpec, LegSpec] = [
    { venue: "alpha", side: "short" },
    { venue: "beta", side: "long" },
  ],
): OpenCheck {
  const legs = specs.map((spec) => openLeg(spec));
  const [first, second] = legs;
  const [a, b] = specs.map((spec) => legSnapshot(spec));
  if (!first || !second || !a || !b) throw new Error("two legs");
  const snapshot: Snapshot = {
    takenAt: NOW,
    marketAt: NOW,
    legs: [a, b],
    hedgedAssets: [],
    reservedUsd: new Map(),
    entryStops: [],
    portfolio: portfolio(),
  };
  return {
    proposal: openProposal([first, second]),
    snapshot,
    tradingState: "active",
    limits: tightenLimits({ hardCapUsd: notionalUsd("50000") }),
    now: NOW,
  };
}

/** A million everywhere, and nothing in it. */
export function portfolio(over: Partial<Portfolio> = {}): Portfolio {
  const much = usd("1000000");
  return {
    equityUsd: much,
    freeUsd: much,
    silentUsd: usd("0"),
    inFlightUsd: usd("0"),
    hedges: [],
    marks: new Map(),
    readAt: NOW,
    ...over,
  };
}

export function openProposal(legs: readonly [OpenLeg, OpenLeg]): OpenProposal {
  return {
    kind: "open",
    id: "P-1",
    asset: "BTC",
    source: "owner",
    createdAt: NOW,
    expiresAt: NOW + 120_000,
    legs,
    sizeBase: legs[0].sizeBase,
    boundBy: "hardCapUsd",
    costs: {
      feesUsd: usd("60"),
      slippageUsd: usd("6"),
      costRate: rate("0.0022"),
      secondLegFailsUsd: usd("310"),
    },
    spread8h: rate("0.0002"),
    trailingSpread8h: rate("0.0002"),
    aprOnNotional: dec("0.219"),
    netAprOnCapital: dec("0.09"),
    breakEvenHours: dec("88"),
    worthwhile: true,
  };
}

export function approvalOf(proposal: OpenProposal): Authority {
  return { kind: "approval", approvalId: "nonce", subjectHash: canonicalHash(proposal) };
}

function openLeg(spec: LegSpec): OpenLeg {
  const at = price(spec.price ?? "60000");
  const sizeBase = baseSize(spec.sizeBase ?? "0.5");
  const { symbol, asset, kind } = instrument({ venue: spec.venue, ...spec.instrument });
  const isLoan = kind === "spot" && spec.side === "short";
  return {
    ...{ venue: spec.venue, symbol, asset, side: spec.side, sizeBase },
    priceSeen: at,
    collarPrice: at,
    notionalUsd: notionalUsd(sizeBase.times(at)),
    takerFeeRate: rate("0.0005"),
    slippageRate: rate("0.0001"),
    // What coins cost to borrow an hour stands where a perp's funding does.
    fundingRate: isLoan ? rate(borrowRate().perHour.neg()) : rate("0.0001"),
    intervalHours: dec(isLoan ? "1" : "8"),
    fundingAt: NOW + 3_600_000,
    liquidationPrice: null,
  };
}

export function legSnapshot(spec: LegSpec): LegSnapshot {
  const at = price(spec.price ?? "60000");
  const traded = instrument({ venue: spec.venue, ...spec.instrument });
  const { venue, symbol, asset } = traded;
  const level = { price: at, sizeBase: baseSize("1000000000000000") };
  return {
    instrument: traded,
    book: { venue, symbol, bids: [level], asks: [level], observedAt: NOW },
    markPrice: at,
    openInterestUsd: null,
    funding: {
      ...{ venue, symbol, asset },
      rate: rate(traded.kind === "spot" ? "0" : "0.0001"),
      intervalHours: dec("8"),
      fundingAt: NOW + 3_600_000,
      observedAt: NOW,
    },
    account: {
      venue,
      equityUsd: usd(spec.equityUsd ?? "50000"),
      freeCollateralUsd: usd(spec.equityUsd ?? "50000"),
      maintenanceUsd: usd("0"),
      observedAt: NOW,
    },
    positionBase: signedBase("0"),
    leverage: dec(traded.kind === "spot" ? "1" : "3"),
    ...(traded.kind === "spot" ? { borrow: borrowRate({ venue, asset }) } : {}),
    provable: true,
  };
}

/** Fresh, and enough of it. */
export function borrowRate(over: Partial<BorrowRate> = {}): BorrowRate {
  return {
    ...{ venue: "alpha", asset: "BTC", perHour: rate("0.000001"), observedAt: NOW },
    maxBorrowBase: baseSize("1000"),
    ...over,
  };
}
