import type { OrderBook } from "#src/core/book.ts";
import type { Decimal } from "#src/core/decimal.ts";
import type { BorrowRate, InterestPayment } from "#src/core/figures/borrow.ts";
import type { FundingPayment } from "#src/core/funding.ts";
import type {
  GuardedCancel,
  GuardedCancelAll,
  GuardedLeverage,
  GuardedOrder,
} from "#src/core/guarded.ts";
import type { Instrument, VenueId } from "#src/core/instrument.ts";
import type {
  Fill,
  MutationOutcome,
  OrderLookup,
  OrderOutcome,
  OrderReport,
  Position,
} from "#src/core/order.ts";
import type { AccountState } from "#src/core/snapshot.ts";
import type { Transfer } from "#src/core/transfer.ts";
import type { BaseSize, EpochMs, NotionalUsd, Price, Rate } from "#src/core/units.ts";
import type { Logger } from "./logger.ts";

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
  /** The largest rate an interval that the venue pays there, either way; absent where it does not say. */
  readonly capRate?: Rate | null;
  readonly observedAt: EpochMs;
}

/** A realised rate. */
export interface SettledRate {
  readonly symbol: string;
  readonly rate: Rate;
  readonly intervalHours: string;
  readonly fundingAt: EpochMs;
}

/** How one instrument trades now. What a venue does not say is null, never 0. */
export interface MarketStats {
  readonly markPrice: Price;
  readonly indexPrice: Price | null;
  readonly openInterestBase: BaseSize | null;
  /** Both sides counted once. */
  readonly volume24hUsd: NotionalUsd | null;
  readonly observedAt: EpochMs;
}

/** Two dollars against each other: away from 1, one of them is not a dollar. */
export interface StableQuote {
  /** USDT for one USDC. */
  readonly price: Price;
  readonly observedAt: EpochMs;
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
  marketStats(symbol: string): Promise<MarketStats>;
  /**
   * Closes of the last `count` whole hours, oldest first; the running hour is left out. Fewer where the
   * market is younger, none where the venue tells no prices of the past.
   */
  hourlyCloses(symbol: string, count: number): Promise<readonly Price[]>;
  /** What the venue's own book pays for one USDC; absent, or null, where it has no such market. */
  usdcInUsdt?(): Promise<StableQuote | null>;
  /** What the venue lends and for how much; absent where it lends nothing, or we do not trade its spot. */
  borrowRates?(): Promise<readonly BorrowRate[]>;
}

/** How the account would trade one instrument now. */
export interface TradingSetup {
  /** What a position posts: notional / leverage. Null where there is no such setting. */
  readonly leverage: Decimal | null;
  /** In hedge mode reduce-only orders can open the other side; only one-way is traded. */
  readonly positionMode: "oneWay" | "hedge";
  /** Null where the venue has but one kind, or does not say. */
  readonly marginMode: "cross" | "isolated" | null;
  readonly status: "trading" | "reduceOnly" | "halted";
}

/** What the account pays a fill, as fractions of its notional; with any builder fee that the owner turned on. */
export interface FeeRates {
  readonly takerFeeRate: Rate;
  readonly makerFeeRate: Rate;
}

/**
 * What the account holds. Of a spot instrument the position is the balance of its coin less what is owed of
 * it, and every size is what the account ends up with: an adapter buys so much more that the venue's fee in
 * coins leaves the wanted size, reports fills net of it, and tells all that it cost as feeUsd. Reads only; throws RetryableError when the venue does not answer. */
export interface VenueAccount {
  /**
   * What backs perps, unless spot is asked for. Where one pool backs both, both answers are that pool (and
   * none names a wallet); its equity counts coins held and owed at their marks.
   */
  account(kind?: Instrument["kind"]): Promise<AccountState>;
  setup(symbol: string): Promise<TradingSetup>;
  feeRates(symbol: string): Promise<FeeRates>;
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
  /** Interest with chargedAt in (since, now], oldest first; absent where nothing is ever borrowed. */
  interestPayments?(since: EpochMs): Promise<readonly InterestPayment[]>;
  /** Deposits and withdrawals with transferredAt in (since, now]; absent where the venue does not tell. */
  transfers?(since: EpochMs): Promise<readonly Transfer[]>;
}

/** The only way to change anything on a venue. A mutation never throws: its outcome is a value. */
export interface VenueTrading {
  place(order: GuardedOrder): Promise<OrderOutcome>;
  cancel(cancel: GuardedCancel): Promise<MutationOutcome>;
  /** Every order that rests on one instrument, whoever placed it. */
  cancelAll(cancel: GuardedCancelAll): Promise<MutationOutcome>;
  setLeverage(request: GuardedLeverage): Promise<MutationOutcome>;
}

/** What a venue can promise about orders. */
export interface VenueCapabilities {
  /**
   * Every order can be looked up by our id and has a fence, so that its fate can always be proven. Without
   * it nothing opens there unless the owner approved exactly that.
   */
  readonly provable: boolean;
  /** The venue itself takes a resting order off the book at its fence. Without it nothing is rested there. */
  readonly restingFence: boolean;
}

/**
 * `down`: it failed again and again, or asked us to stay away; nothing opens there. `recovering`: it answers
 * again, but its positions and orders have not all been read since; still nothing opens. `reason` is in our
 * own words, never in the venue's: the owner is told it.
 */
export interface VenueHealth {
  readonly state: "ok" | "down" | "recovering";
  readonly reason: string | null;
}

/**
 * Why the venue rings: its streams are there (again), something of the account changed, or the mark of a
 * held instrument moved.
 */
export type Ring = "connected" | "own" | "price";

/**
 * The venue's own word that something changed, without figures: whoever is rung asks. So what a stream
 * loses, repeats, mixes up or makes up changes no book and no decision, only how soon somebody looks.
 */
export interface VenueStreams {
  /** Through every reconnect until the signal aborts; then its sockets are closed. Never throws. */
  follow(options: {
    /** What is held there now. */
    readonly symbols: () => readonly string[];
    readonly ring: (what: Ring) => void;
    readonly log: Logger;
    readonly signal: AbortSignal;
  }): Promise<void>;
}

export interface Venue {
  readonly id: VenueId;
  readonly capabilities: VenueCapabilities;
  health(): VenueHealth;
  readonly data: VenueMarketData;
  readonly account: VenueAccount;
  readonly trading: VenueTrading;
  /** Null where nothing rings; then it is only asked now and then. */
  readonly streams: VenueStreams | null;
}
