import { z } from "zod";
import { dec } from "#src/core/decimal.ts";
import { baseSize, notionalUsd, price, rate, signedBase, usd } from "#src/core/units.ts";

/** What crosses the loopback: decimals as text, everything checked on arrival. */
const decimal = z.string().transform((text) => dec(text));
const size = z.string().transform((text) => baseSize(text));
const signed = z.string().transform((text) => signedBase(text));
const priceText = z.string().transform((text) => price(text));
const notional = z.string().transform((text) => notionalUsd(text));
const rateText = z.string().transform((text) => rate(text));
const money = z.string().transform((text) => usd(text));
const side = z.enum(["buy", "sell"]);
const common = { venue: z.string(), symbol: z.string() };

export const orderRequestSchema = z.object({
  ...common,
  clientOrderId: z.string(),
  side,
  sizeBase: size,
  limitPrice: priceText,
  timeInForce: z.enum(["ioc", "gtc", "postOnly"]),
  reduceOnly: z.boolean(),
  expiresAt: z.number(),
});

export const cancelAllRequestSchema = z.object(common);

export const cancelRequestSchema = z.object({ ...common, clientOrderId: z.string() });

/** The arguments of any read: each method takes what it needs. */
export const readArgumentsSchema = z.object({
  symbol: z.string().default(""),
  clientOrderId: z.string().default(""),
  since: z.number().default(0),
  count: z.number().default(0),
});

const fill = z.object({
  ...common,
  tradeId: z.string(),
  clientOrderId: z.string(),
  side,
  sizeBase: size,
  price: priceText,
  feeUsd: money,
  liquidity: z.enum(["maker", "taker"]),
  cause: z.enum(["order", "liquidation", "deleveraging"]),
  filledAt: z.number(),
});

const report = z.object({
  clientOrderId: z.string(),
  venueOrderId: z.string(),
  symbol: z.string(),
  side,
  status: z.enum(["open", "filled", "cancelled"]),
  sizeBase: size,
  filledBase: size,
  reduceOnly: z.boolean(),
});

const refusal = z.enum([
  ...(["INSUFFICIENT_MARGIN", "BELOW_MIN_NOTIONAL", "BELOW_MIN_SIZE", "OFF_LOT"] as const),
  ...(["OFF_TICK", "WOULD_TAKE", "REDUCE_ONLY_WOULD_INCREASE", "EXPIRED"] as const),
  ...(["MARKET_UNAVAILABLE", "RATE_LIMITED", "UNAUTHORISED", "UNKNOWN_ORDER"] as const),
  ...(["NOT_GUARDED", "NOT_SENT", "DUPLICATE_CLIENT_ORDER_ID"] as const),
]);

export const outcomeSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ack"), order: report, fills: z.array(fill) }),
  z.object({ kind: z.literal("refused"), code: refusal, detail: z.string() }),
  z.object({ kind: z.literal("unknown"), detail: z.string() }),
]);

export const cancelAllOutcomeSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ack") }),
  z.object({ kind: z.literal("refused"), code: refusal, detail: z.string() }),
  z.object({ kind: z.literal("unknown"), detail: z.string() }),
]);

const levels = z.array(z.object({ price: priceText, sizeBase: size }));

/** What each read answers, by the name of its method. */
export const answers = {
  instruments: z.array(
    z.object({
      ...common,
      asset: z.string(),
      kind: z.enum(["perp", "spot"]),
      linear: z.boolean(),
      settleCurrency: z.string(),
      contractSizeBase: size,
      lotStepBase: size,
      minSizeBase: size,
      minNotionalUsd: notional,
      priceTick: priceText,
      maxLeverage: decimal,
      maintenanceRate: rateText,
      takerFeeRate: rateText,
      makerFeeRate: rateText,
    }),
  ),
  fundingRates: z.array(
    z.object({
      symbol: z.string(),
      rate: rateText,
      intervalText: z.string().nullable(),
      intervalHint: z.string().nullable(),
      fundingAt: z.number().nullable(),
      observedAt: z.number(),
    }),
  ),
  fundingHistory: z.array(
    z.object({
      symbol: z.string(),
      rate: rateText,
      intervalHours: z.string(),
      fundingAt: z.number(),
    }),
  ),
  orderBook: z.object({ ...common, bids: levels, asks: levels, observedAt: z.number() }),
  time: z.number(),
  hourlyCloses: z.array(priceText),
  marketStats: z.object({
    markPrice: priceText,
    indexPrice: priceText.nullable(),
    openInterestBase: size.nullable(),
    volume24hUsd: notional.nullable(),
    observedAt: z.number(),
  }),
  account: z.object({
    venue: z.string(),
    equityUsd: money,
    freeCollateralUsd: money,
    maintenanceUsd: money,
    observedAt: z.number(),
  }),
  setup: z.object({
    leverage: decimal.nullable(),
    positionMode: z.enum(["oneWay", "hedge"]),
    marginMode: z.enum(["cross", "isolated"]).nullable(),
    status: z.enum(["trading", "reduceOnly", "halted"]),
  }),
  feeRates: z.object({ takerFeeRate: rateText, makerFeeRate: rateText }),
  positions: z.array(
    z.object({
      ...common,
      sizeBase: signed,
      entryPrice: priceText.nullable(),
      markPrice: priceText,
      liquidationPrice: priceText.nullable(),
    }),
  ),
  openOrders: z.array(report),
  lookupOrder: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("found"), order: report, fills: z.array(fill) }),
    z.object({ kind: z.literal("notFound"), venueTime: z.number() }),
  ]),
  fills: z.array(fill),
  fundingPayments: z.array(
    z.object({
      ...common,
      paymentId: z.string(),
      fundingAt: z.number(),
      amountUsd: money,
      rate: rateText,
    }),
  ),
} as const;

export type ReadMethod = keyof typeof answers;
