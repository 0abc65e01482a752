import { z } from "zod";
import { canonicalJson } from "#src/core/canonical-hash.ts";
import { dec } from "#src/core/decimal.ts";
import type { FundingPayment } from "#src/core/funding.ts";
import type { Fill, OrderReport, OrderRequest } from "#src/core/order.ts";
import { baseSize, type EpochMs, price, rate, usd } from "#src/core/units.ts";
import type { Records } from "#src/ports/records.ts";
import type { PaperAccount } from "./paper-account.ts";

/** An order as the venue remembers it. */
export interface PaperOrder {
  report: OrderReport;
  readonly request: OrderRequest;
}

/** Everything that one simulated account is. */
export interface PaperState {
  readonly account: PaperAccount;
  settledThrough: EpochMs;
  nextSequence: number;
  readonly orders: Map<string, PaperOrder>;
  readonly fills: Fill[];
  readonly payments: FundingPayment[];
}

export interface PaperChange {
  readonly orders?: readonly PaperOrder[];
  readonly fills?: readonly Fill[];
  readonly payments?: readonly FundingPayment[];
}

const decimal = z.string().transform((text) => dec(text));
const size = z.string().transform((text) => baseSize(text));
const priceText = z.string().transform((text) => price(text));
const money = z.string().transform((text) => usd(text));
const rateText = z.string().transform((text) => rate(text));
const side = z.enum(["buy", "sell"]);

const accountSchema = z.object({
  cashUsd: decimal,
  positions: z.record(z.string(), z.object({ contracts: decimal, entryPrice: decimal })),
  settledThrough: z.number(),
  nextSequence: z.number(),
});

const fillSchema = z.object({
  venue: z.string(),
  symbol: z.string(),
  tradeId: z.string(),
  clientOrderId: z.string(),
  side,
  sizeBase: size,
  price: priceText,
  feeUsd: money,
  liquidity: z.enum(["maker", "taker"]),
  filledAt: z.number(),
});

const paymentSchema = z.object({
  venue: z.string(),
  symbol: z.string(),
  paymentId: z.string(),
  fundingAt: z.number(),
  amountUsd: money,
  rate: rateText,
});

const orderSchema = z.object({
  report: z.object({
    clientOrderId: z.string(),
    venueOrderId: z.string(),
    symbol: z.string(),
    side,
    status: z.enum(["open", "filled", "cancelled"]),
    sizeBase: size,
    filledBase: size,
    reduceOnly: z.boolean(),
  }),
  request: z.object({
    venue: z.string(),
    symbol: z.string(),
    clientOrderId: z.string(),
    side,
    sizeBase: size,
    limitPrice: priceText,
    timeInForce: z.enum(["ioc", "gtc"]),
    reduceOnly: z.boolean(),
    expiresAt: z.number(),
  }),
});

/** Reads an account back, or opens one with `startingCashUsd`. */
export function loadPaperState(
  records: Records,
  venue: string,
  fresh: { readonly startingCashUsd: string; readonly now: EpochMs },
): PaperState {
  const rows = (kind: string) =>
    records.load(`paper:${venue}:${kind}`).map((row): unknown => JSON.parse(row.value));
  const [saved] = rows("account").map((row) => accountSchema.parse(row));
  const orders = rows("orders").map((row) => orderSchema.parse(row));
  return {
    account: {
      cashUsd: saved?.cashUsd ?? dec(fresh.startingCashUsd),
      positions: new Map(Object.entries(saved?.positions ?? {})),
    },
    settledThrough: saved?.settledThrough ?? fresh.now,
    nextSequence: saved?.nextSequence ?? 1,
    orders: new Map(orders.map((order) => [order.request.clientOrderId, order])),
    fills: rows("fills").map((row) => fillSchema.parse(row)),
    payments: rows("payments").map((row) => paymentSchema.parse(row)),
  };
}

/** One transaction: the account as it is now, and what was added to it. */
export function savePaperState(
  records: Records,
  venue: string,
  state: PaperState,
  change: PaperChange,
): void {
  const row = (kind: string, key: string, value: unknown) => ({
    collection: `paper:${venue}:${kind}`,
    key,
    value: canonicalJson(value),
  });
  const { settledThrough, nextSequence, account } = state;
  records.write([
    row("account", "account", { ...account, settledThrough, nextSequence }),
    ...(change.orders ?? []).map((order) => row("orders", order.request.clientOrderId, order)),
    ...(change.fills ?? []).map((fill) => row("fills", fill.tradeId, fill)),
    ...(change.payments ?? []).map((payment) => row("payments", payment.paymentId, payment)),
  ]);
}
