import type { Market } from "ccxt";
import type { Decimal } from "#src/core/decimal.ts";
import type { BorrowRate } from "#src/core/figures/borrow.ts";
import type { VenueId } from "#src/core/instrument.ts";
import type { OrderReport, OrderRequest, OrderSide } from "#src/core/order.ts";
import type { EpochMs, Price } from "#src/core/units.ts";
import type { FeeRates } from "#src/ports/venue.ts";
import type { Listed, Listings, VenueDriver } from "#src/venues/ccxt/driver.ts";

/** A trade on a spot market as the venue tells it: gross, with its fee in whatever coin it was taken. */
export interface SpotTrade {
  readonly tradeId: string;
  readonly venueOrderId: string;
  /** The wire's; "" where the venue does not say. */
  readonly clientOrderId: string;
  readonly side: OrderSide;
  /** Canonical base units. */
  readonly size: Decimal;
  readonly price: Price;
  /** Paid, in units of `feeCoin`; negative for a rebate. */
  readonly fee: Decimal;
  readonly feeCoin: string;
  readonly liquidity: "maker" | "taker";
  readonly filledAt: EpochMs;
}

/** Coins that came or went without a trade. */
export interface CoinFlow {
  readonly id: string;
  readonly coin: string;
  /** Positive: it came in. In the coin's own units. */
  readonly amount: Decimal;
  readonly at: EpochMs;
  /** The coin that it was charged for, where that is another one. */
  readonly chargedFor?: string;
}

/** What a venue lends, before it is known when it was asked. */
export type BorrowOffer = Omit<BorrowRate, "venue" | "observedAt">;

/**
 * A venue's spot markets in its own words: sizes are gross, coins are the venue's names for them. What they
 * mean net of fees in coins is the work of with-spot, the same for every venue.
 */
export interface SpotDriver {
  readonly venue: VenueId;
  /** Why this key or account cannot trade spot, in our own words with what to change; null when it can. */
  unfit(): Promise<string | null>;
  /** Why an account that is fit cannot borrow coins, likewise. */
  noLoans(): Promise<string | null>;
  /** Null for what is not a traded spot market in dollars. */
  list(market: Market): Listed | null;
  readonly orderBook: VenueDriver["orderBook"];
  readonly marketStats: VenueDriver["marketStats"];
  /** The price of each market now, by the venue's own symbol and per its own unit. */
  marks(): Promise<ReadonlyMap<string, Decimal>>;
  /** Null where nobody would say without a key. */
  readonly borrowRates: ((listings: Listings) => Promise<readonly BorrowOffer[]>) | null;
  /** The money for spot; null where one pool backs spot and perps. */
  readonly account: (() => ReturnType<VenueDriver["account"]>) | null;
  /** What is held of each coin less what is owed of it, in the coin's own units. */
  balances(): Promise<ReadonlyMap<string, Decimal>>;
  readonly setup: VenueDriver["setup"];
  /** `inCoins`: the fee of a buy is taken from the coins that were bought. */
  feeRates(of: Listed): Promise<FeeRates & { readonly inCoins: boolean }>;
  /** Gross. */
  readonly openOrders: VenueDriver["openOrders"];
  /** Gross. */
  readonly lookupOrder: VenueDriver["lookupOrder"];
  /** All trades of an order that it told of; fewer when they are not listed yet. */
  tradesOf(of: Listed, order: OrderReport): Promise<readonly SpotTrade[]>;
  trades(listings: Listings, since: EpochMs): Promise<ReadonlyMap<Listed, readonly SpotTrade[]>>;
  /** Its amount is gross. What opens a short borrows, what closes one repays, and nothing else does either. */
  readonly place: VenueDriver["place"];
  readonly cancel: VenueDriver["cancel"];
  readonly cancelAll: VenueDriver["cancelAll"];
  interest(since: EpochMs): Promise<readonly CoinFlow[]>;
  /** What a coin cost in dollars at a moment of the past. */
  priceAt(coin: string, at: EpochMs): Promise<Decimal>;
}

/** What the adapter remembers of orders; null in DriverParts where spot is left out. */
export interface OwnSpotOrders {
  /** The size that was asked for, net; null for an order that is not ours. */
  asked(wireId: string): OrderRequest["sizeBase"] | null;
  /** Symbols of spot instruments that we ever sent orders to. */
  symbols(): Iterable<string>;
}
