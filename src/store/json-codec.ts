import { z } from "zod";
import { canonicalJson } from "#src/core/canonical-hash.ts";
import { dec } from "#src/core/decimal.ts";
import type { OrderRequest } from "#src/core/order.ts";
import type { Proposal } from "#src/core/proposal.ts";
import { baseSize, notionalUsd, price, rate, usd } from "#src/core/units.ts";
import { ALERT_REASONS, type OutboxContent } from "#src/ports/store.ts";

const decimal = z.string().transform((text) => dec(text));
const size = z.string().transform((text) => baseSize(text));
const priceText = z.string().transform((text) => price(text));
const notional = z.string().transform((text) => notionalUsd(text));
const rateText = z.string().transform((text) => rate(text));
const money = z.string().transform((text) => usd(text));

const openLeg = z.object({
  venue: z.string(),
  symbol: z.string(),
  asset: z.string(),
  side: z.enum(["long", "short"]),
  sizeBase: size,
  priceSeen: priceText,
  collarPrice: priceText,
  notionalUsd: notional,
  takerFeeRate: rateText,
  slippageRate: rateText,
  fundingRate: rateText,
  intervalHours: decimal,
  fundingAt: z.number(),
  liquidationPrice: priceText.nullable(),
});

const closeLeg = z.object({
  venue: z.string(),
  symbol: z.string(),
  side: z.enum(["buy", "sell"]),
  sizeBase: size,
  priceSeen: priceText,
});

const common = {
  id: z.string(),
  asset: z.string(),
  source: z.enum(["owner", "agent", "scan"]),
  createdAt: z.number(),
  expiresAt: z.number(),
};

const proposal = z.discriminatedUnion("kind", [
  z.object({
    ...common,
    kind: z.literal("open"),
    legs: z.tuple([openLeg, openLeg]),
    sizeBase: size,
    boundBy: z.enum([
      ...(["equityShare", "hardCapUsd", "depthUsd", "freeMargin", "venueRoom"] as const),
      ...(["liquidationDistance", "mandateRoom", "shock", "openInterest"] as const),
      ...(["singlePosition", "utilisation", "reserve"] as const),
    ]),
    costs: z.object({
      ...{ feesUsd: money, slippageUsd: money, costRate: rateText },
      secondLegFailsUsd: money.nullable().default(null),
    }),
    spread8h: rateText,
    trailingSpread8h: rateText.nullable(),
    aprOnNotional: decimal,
    netAprOnCapital: decimal.nullable(),
    breakEvenHours: decimal.nullable(),
    worthwhile: z.boolean(),
  }),
  z.object({
    ...common,
    kind: z.literal("close"),
    hedgeId: z.string(),
    legs: z.tuple([closeLeg, closeLeg]),
    feesUsd: money,
    slippageUsd: money,
    pnlIfClosedUsd: money,
  }),
]);

const orderRequest = z.object({
  venue: z.string(),
  symbol: z.string(),
  clientOrderId: z.string(),
  side: z.enum(["buy", "sell"]),
  sizeBase: size,
  limitPrice: priceText,
  timeInForce: z.enum(["ioc", "gtc", "postOnly"]),
  reduceOnly: z.boolean(),
  expiresAt: z.number(),
});

const outboxContent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("proposalCard"), proposalId: z.string(), nonce: z.string() }),
  z.object({ type: z.literal("mandateCard"), mandateId: z.string(), nonce: z.string() }),
  z.object({ type: z.literal("liveCard"), nonce: z.string() }),
  z.object({
    type: z.literal("resumeCard"),
    nonce: z.string(),
    stops: z.array(z.string()).optional(),
  }),
  z.object({ type: z.literal("cardUpdate"), proposalId: z.string() }),
  z.object({ type: z.literal("answer"), turnId: z.string() }),
  z.object({ type: z.literal("modelComment"), decisionId: z.string() }),
  z.object({
    type: z.literal("alert"),
    text: z.string(),
    reason: z.enum(ALERT_REASONS).optional(),
    hedgeId: z.string().optional(),
  }),
]);

/** Rows come back checked: a shape that we did not write is a bug, and throws. */
export function encodeJson(
  value: Proposal | OrderRequest | OutboxContent | readonly string[],
): string {
  return canonicalJson(value);
}

export function decodeProposal(json: string): Proposal {
  return proposal.parse(JSON.parse(json));
}

export function decodeOrderRequest(json: string): OrderRequest {
  return orderRequest.parse(JSON.parse(json));
}

export function decodeNames(json: string): readonly string[] {
  return z.array(z.string()).parse(JSON.parse(json));
}

export function decodeOutboxContent(json: string): OutboxContent {
  return outboxContent.parse(JSON.parse(json));
}
