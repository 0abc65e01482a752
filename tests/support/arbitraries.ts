import fc from "fast-check";
import { dec, ZERO } from "#src/core/decimal.ts";
import type { Hedge, HedgeLeg, LegIndex } from "#src/core/hedge.ts";
import type { Mandate } from "#src/core/mandate.ts";
import type { OrderAttempt, OrderRequest } from "#src/core/order.ts";
import type { CloseLeg, CloseProposal, OpenLeg, OpenProposal } from "#src/core/proposal.ts";
import { baseSize, notionalUsd, price, rate, usd } from "#src/core/units.ts";

/** Up to 31 digits, up to 24 of them behind the point: more than any float holds. */
const positive = fc
  .tuple(fc.bigInt({ min: 1n, max: 10n ** 31n }), fc.integer({ min: 0, max: 24 }))
  .map(([digits, places]) => dec(digits).times(dec(`1e-${places}`)));
const notNegative = fc.oneof(positive, fc.constant(ZERO));
const signed = fc.oneof(
  notNegative,
  positive.map((value) => value.neg()),
);

export const anySize = notNegative.map((value) => baseSize(value));
export const anyPrice = positive.map((value) => price(value));
export const anyNotional = notNegative.map((value) => notionalUsd(value));
export const anyRate = signed.map((value) => rate(value));
export const anyUsd = signed.map((value) => usd(value));
/** Quotes, line ends and other alphabets included. */
export const anyText = fc.string({ minLength: 1, maxLength: 12, unit: "grapheme" });
export const anyTime = fc.maxSafeNat();
export const anyTrade = fc.constantFrom("buy" as const, "sell" as const);
const anySide = fc.constantFrom("long" as const, "short" as const);
const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });

const proposalBase = {
  id: anyText,
  asset: anyText,
  source: fc.constantFrom("owner" as const, "agent" as const, "scan" as const),
  createdAt: anyTime,
  expiresAt: anyTime,
};

const anyOpenLeg: fc.Arbitrary<OpenLeg> = fc.record({
  venue: anyText,
  symbol: anyText,
  asset: anyText,
  side: anySide,
  sizeBase: anySize,
  priceSeen: anyPrice,
  collarPrice: anyPrice,
  notionalUsd: anyNotional,
  takerFeeRate: anyRate,
  slippageRate: anyRate,
  fundingRate: anyRate,
  intervalHours: positive,
  fundingAt: anyTime,
  liquidationPrice: orNull(anyPrice),
});

export const anyOpenProposal: fc.Arbitrary<OpenProposal> = fc.record({
  ...proposalBase,
  kind: fc.constant("open" as const),
  legs: fc.tuple(anyOpenLeg, anyOpenLeg),
  sizeBase: anySize,
  boundBy: fc.constantFrom("equityShare" as const, "depthUsd" as const, "mandateRoom" as const),
  costs: fc.record({
    feesUsd: anyUsd,
    slippageUsd: anyUsd,
    costRate: anyRate,
    secondLegFailsUsd: orNull(anyUsd),
  }),
  spread8h: anyRate,
  trailingSpread8h: orNull(anyRate),
  aprOnNotional: signed,
  netAprOnCapital: orNull(signed),
  breakEvenHours: orNull(positive),
  worthwhile: fc.boolean(),
});

const anyCloseLeg: fc.Arbitrary<CloseLeg> = fc.record({
  venue: anyText,
  symbol: anyText,
  side: anyTrade,
  sizeBase: anySize,
  priceSeen: anyPrice,
});

export const anyCloseProposal: fc.Arbitrary<CloseProposal> = fc.record({
  ...proposalBase,
  kind: fc.constant("close" as const),
  hedgeId: anyText,
  legs: fc.tuple(anyCloseLeg, anyCloseLeg),
  feesUsd: anyUsd,
  slippageUsd: anyUsd,
  pnlIfClosedUsd: anyUsd,
});

export const anyMandate: fc.Arbitrary<Mandate> = fc.record({
  id: anyText,
  ownerId: anyTime,
  state: fc.constant("offered" as const),
  perHedgeUsd: anyNotional,
  totalUsd: anyNotional,
  opensPerDay: fc.nat(),
  lossPerDayUsd: anyNotional,
  assets: fc.array(anyText, { maxLength: 3 }),
  venues: fc.array(anyText, { maxLength: 3 }),
  spotVenues: fc.array(anyText, { maxLength: 3 }),
  armedAt: orNull(anyTime),
  endsAt: anyTime,
});

const anyLeg = (index: LegIndex): fc.Arbitrary<HedgeLeg> =>
  fc.record({
    index: fc.constant(index),
    venue: anyText,
    symbol: anyText,
    side: anySide,
    targetBase: anySize,
    heldBase: anySize,
    entryPrice: orNull(anyPrice),
  });

export const anyLegs = fc.tuple(anyLeg(0), anyLeg(1));

/** Of this proposal and, perhaps, this mandate. */
export const anyHedge = (proposalId: string, mandateId: string): fc.Arbitrary<Hedge> =>
  fc.record({
    id: anyText,
    asset: anyText,
    phase: fc.constantFrom("opening" as const, "open" as const, "closed" as const),
    proposalId: fc.constant(proposalId),
    mandateId: fc.constantFrom(mandateId, null),
    legs: anyLegs,
    openedAt: anyTime,
    closedAt: orNull(anyTime),
    createdAtWall: anyTime,
    version: fc.nat(),
  });

const anyOrderRequest: fc.Arbitrary<OrderRequest> = fc.record({
  venue: anyText,
  symbol: anyText,
  clientOrderId: anyText,
  side: anyTrade,
  sizeBase: anySize,
  limitPrice: anyPrice,
  timeInForce: fc.constantFrom("ioc" as const, "gtc" as const),
  reduceOnly: fc.boolean(),
  expiresAt: anyTime,
});

export const anyAttempt: fc.Arbitrary<OrderAttempt> = fc.record({
  clientOrderId: anyText,
  hedgeId: fc.constant(null),
  legIndex: fc.constantFrom(0 as const, 1 as const),
  attemptNo: fc.nat(),
  purpose: fc.constantFrom("open" as const, "close" as const, "kill" as const),
  request: anyOrderRequest,
  state: fc.constant("intent" as const),
  outcomeDetail: orNull(anyText),
  createdAt: fc.nat(),
  createdAtWall: anyTime,
});
