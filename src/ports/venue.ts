import type { OrderBook } from "#src/core/book.ts";
import type { Decimal } from "#src/core/decimal.ts";
import type { FundingPayment } from "#src/core/funding.ts";
import type { GuardedCancel, GuardedOrder } from "#src/core/guarded.ts";
import type { Instrument, VenueId } from "#src/core/instrument.ts";
import type { Fill, OrderLookup, OrderOutcome, OrderReport, Position } from "#src/core/order.ts";
import type { AccountState } from "#src/core/snapshot.ts";
import type { EpochMs, Price, Rate } from "#src/core/units.ts";

/** A funding rate as the venue gives it: its interval is still text and must be understood or refused. */
export interface RawFundingRate {
  readonly symbol: string;
  readonly rate: Rate;
  /** "8h", "28800000", null … */
  readonly intervalText: string | null;
  /** The venue's own field where the library loses it, e.g. minutes as "30min" or hours as "8". */
  readonly intervalHint: string | null;
  /** Market time of the settlement that will pay it; null when the venue does not say. */
  readonly fundingAt: EpochMs | null;
  readonly observedAt: EpochMs;
}

/** A realised rate. */
export interface SettledRate {
  readonly symbol: string;
  readonly rate: Rate;
  readonly intervalHours: string;
  readonly fundingAt: EpochMs;
}

/** Public data. Every method throws RetryableError when the venue does not answer. */
export interface VenueMarketData {
  readonly venue: VenueId;
  /** The venue's own clock. */
  time(): Promise<EpochMs>;
  instruments(): Promise<readonly Instrument[]>;
  fundingRates(): Promise<readonly RawFundingRate[]>;
  /** Realised rates with fundingAt in (since, now], oldest first. */
  fundingHistory(symbol: string, since: EpochMs): Promise<readonly SettledRate[]>;
  orderBook(symbol: string): Promise<OrderBook>;
  markPrice(symbol: string): Promise<Price>;
}

/** How the account would trade one instrument now. */
export interface TradingSetup {
  readonly leverage: Decimal;
  /** In hedge mode reduce-only orders can open the other side; only one-way is traded. */
  readonly positionMode: "oneWay" | "hedge";
  readonly status: "trading" | "reduceOnly" | "halted";
}

/** What the account holds. Reads only; throws RetryableError when the venue does not answer. */
export interface VenueAccount {
  account(): Promise<AccountState>;
  setup(symbol: string): Promise<TradingSetup>;
  positions(): Promise<readonly Position[]>;
  openOrders(): Promise<readonly OrderReport[]>;
  lookupOrder(symbol: string, clientOrderId: string): Promise<OrderLookup>;
  /**
   * All fills with filledAt >= since (market time), oldest first, paged to the end; each carries the
   * client id of its order, or "" where the venue does not say (then no order on it can be proven dead).
   */
  fills(since: EpochMs): Promise<readonly Fill[]>;
  /** Settled payments with fundingAt in (since, now], oldest first. */
  fundingPayments(since: EpochMs): Promise<readonly FundingPayment[]>;
}

/** The only way to change anything on a venue. A mutation never throws: its outcome is a value. */
export interface VenueTrading {
  place(order: GuardedOrder): Promise<OrderOutcome>;
  cancel(cancel: GuardedCancel): Promise<OrderOutcome>;
}

export interface Venue {
  readonly id: VenueId;
  readonly data: VenueMarketData;
  readonly account: VenueAccount;
  readonly trading: VenueTrading;
}
