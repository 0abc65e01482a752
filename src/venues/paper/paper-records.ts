import { z } from "zod";
import { canonicalJson } from "#src/core/canonical-hash.ts";
import { dec } from "#src/core/decimal.ts";
import { describeError, OperatorError, RetryableError } from "#src/core/errors.ts";
import type { InterestPayment } from "#src/core/figures/borrow.ts";
import type { FundingPayment } from "#src/core/funding.ts";
import type { Fill, OrderReport, OrderRequest } from "#src/core/order.ts";
import { baseSize, type EpochMs, price, rate, usd } from "#src/core/units.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Records } from "#src/ports/records.ts";
import type { PaperAccount } from "./paper-account.ts";
import type { PaperMarket } from "./paper-market.ts";

/** An order as the venue remembers it. */
export interface PaperOrder {
  readonly report: OrderReport;
  readonly request: OrderRequest;
}

/** Everything that one simulated account is. */
export interface PaperState {
  readonly account: PaperAccount;
  settledThrough: EpochMs;
  /** The last full hour whose interest is charged, or a later moment. */
  interestThrough: EpochMs;
  nextSequence: number;
  readonly orders: Map<string, PaperOrder>;
  readonly fills: Fill[];
  readonly payments: FundingPayment[];
  readonly interests: InterestPayment[];
  /** Their ids. */
  readonly paid: Set<string>;
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
  /** Absent in what earlier versions wrote. */
  interestThrough: z.number().optional(),
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
  /** Absent in what earlier versions wrote. */
  cause: z.enum(["order", "liquidation", "deleveraging"]).default("order"),
  filledAt: z.number(),
});

const paymentSchema = z.object({
  venue: z.string(),
  symbol: z.string(),
  paymentId: z.string(),
  fundingAt: z.number(),
  amountUsd: money,
  rate: rateText,
  /** Absent in what earlier versions wrote. */
  refPrice: priceText.optional(),
});

const interestSchema = z.object({
  venue: z.string(),
  paymentId: z.string(),
  symbol: z.string().nullable(),
  amountUsd: money,
  /** Absent in what earlier versions charged, in money. */
  grownBase: size.optional(),
  chargedAt: z.number(),
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
    timeInForce: z.enum(["ioc", "gtc", "postOnly"]),
    reduceOnly: z.boolean(),
    expiresAt: z.number(),
  }),
});

interface FileOptions {
  readonly id: string;
  readonly records: Records;
  readonly clock: Clock;
  readonly startingCashUsd: string;
}

/** The account in memory and on disk. Memory never runs ahead: what could not be written is read back. */
export class PaperStateFile {
  readonly #options: FileOptions;
  readonly #market: PaperMarket;
  #state: PaperState | null;
  #rows = new Map<string, { readonly collection: string; readonly key: string; value: string }>();

  constructor(options: FileOptions, market: PaperMarket) {
    this.#options = options;
    this.#market = market;
    this.#state = this.#load();
  }

  get state(): PaperState {
    this.#state ??= this.#load();
    return this.#state;
  }

  /** Runs `work` and writes what it changed in one transaction; a throw leaves everything as it was. */
  atomically<T>(work: (state: PaperState) => T): T {
    try {
      const result = work(this.state);
      this.#write();
      return result;
    } catch (error) {
      this.#state = null;
      this.#rows.clear();
      throw error;
    }
  }

  addFill(fill: Fill): void {
    this.state.fills.push(fill);
    this.#put("fills", fill.tradeId, fill);
  }

  addPayment(payment: FundingPayment): void {
    this.state.payments.push(payment);
    this.state.paid.add(payment.paymentId);
    this.#put("payments", payment.paymentId, payment);
  }

  addInterest(interest: InterestPayment): void {
    this.state.interests.push(interest);
    this.#put("interest", interest.paymentId, interest);
  }

  putOrder(order: PaperOrder): void {
    const key = order.request.clientOrderId;
    this.state.orders.set(key, order);
    this.#put("orders", key, order);
  }

  #put(kind: string, key: string, value: unknown): void {
    const collection = this.#collection(kind);
    this.#rows.set(`${collection}:${key}`, { collection, key, value: canonicalJson(value) });
  }

  #write(): void {
    if (this.#rows.size === 0) return;
    const { settledThrough, interestThrough, nextSequence, account } = this.state;
    const moments = { settledThrough, interestThrough, nextSequence };
    this.#put("account", "account", { ...account, ...moments });
    try {
      this.#options.records.write([...this.#rows.values()]);
    } catch (error) {
      throw new RetryableError(`${this.#options.id} could not write its account`, { cause: error });
    }
    this.#rows.clear();
  }

  #collection(kind: string): string {
    return `paper:${this.#options.id}:${kind}`;
  }

  #load(): PaperState {
    const { id, startingCashUsd, clock } = this.#options;
    try {
      const state = readState(
        (kind) =>
          this.#options.records
            .load(this.#collection(kind))
            .map((row): unknown => JSON.parse(row.value)),
        { startingCashUsd, now: clock.marketNow() },
      );
      for (const symbol of symbolsOf(state)) this.#market.require(symbol);
      this.#market.recall(state.fills);
      return state;
    } catch (error) {
      throw new OperatorError(
        `the saved account of ${id} does not fit this market: ${describeError(error)}`,
        { cause: error },
      );
    }
  }
}

/** An account as it was saved, or a new one with `startingCashUsd`. */
function readState(
  rows: (kind: string) => readonly unknown[],
  fresh: { readonly startingCashUsd: string; readonly now: EpochMs },
): PaperState {
  const [saved] = rows("account").map((row) => accountSchema.parse(row));
  const orders = rows("orders").map((row) => orderSchema.parse(row));
  const payments = rows("payments").map((row) => paymentSchema.parse(row));
  return {
    account: {
      cashUsd: saved?.cashUsd ?? dec(fresh.startingCashUsd),
      positions: new Map(Object.entries(saved?.positions ?? {})),
    },
    settledThrough: saved?.settledThrough ?? fresh.now,
    interestThrough: saved?.interestThrough ?? fresh.now,
    nextSequence: saved?.nextSequence ?? 1,
    orders: new Map(orders.map((order) => [order.request.clientOrderId, order])),
    fills: rows("fills").map((row) => fillSchema.parse(row)),
    payments,
    interests: rows("interest").map((row) => interestSchema.parse(row)),
    paid: new Set(payments.map((payment) => payment.paymentId)),
  };
}

function symbolsOf(state: PaperState): readonly string[] {
  const open = [...state.orders.values()].filter((order) => order.report.status === "open");
  return [...state.account.positions.keys(), ...open.map((order) => order.request.symbol)];
}
