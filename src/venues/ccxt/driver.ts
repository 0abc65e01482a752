import type { Exchange, Market } from "ccxt";
import type { BookLevel } from "#src/core/book.ts";
import type { Decimal } from "#src/core/decimal.ts";
import type { BorrowRate, InterestPayment } from "#src/core/figures/borrow.ts";
import type { FundingPayment } from "#src/core/funding.ts";
import type { Instrument, MaintenanceTiers, VenueId } from "#src/core/instrument.ts";
import type { Fill, OrderReport, OrderRequest, Position, RefusalCode } from "#src/core/order.ts";
import type { AccountState } from "#src/core/snapshot.ts";
import type { Transfer } from "#src/core/transfer.ts";
import type { EpochMs, Price } from "#src/core/units.ts";
import type {
  FeeRates,
  MarketStats,
  RawFundingRate,
  SettledRate,
  TradingSetup,
  VenueCapabilities,
} from "#src/ports/venue.ts";
import type { OwnSpotOrders } from "#src/venues/spot/spot-driver.ts";
import type { Row } from "./row.ts";

type OwnWatch = "watchOrders" | "watchMyTrades" | "watchPositions";

/** What ccxt's pro class of a venue can watch for us. */
export interface StreamProfile {
  /** Every host that may be connected to, of the real and the test venue. */
  readonly hosts: readonly string[];
  /**
   * What together hears of every order and fill of the account: ccxt's methods, or a subscription that ccxt
   * has no method for. Whatever comes with them rings.
   */
  readonly own: readonly (OwnWatch | ((exchange: Exchange) => Promise<unknown>))[];
  /** Marks of instruments, all in one call or in one call each; null where there are none. */
  readonly price: {
    readonly method: "watchMarkPrices" | "watchTickers" | "watchMarkPrice" | "watchTicker";
    readonly each: boolean;
  } | null;
  /** Messages ("e" or "event") after which the venue tells nothing more although the socket stays open. */
  readonly lastWords: readonly string[];
}

/** What is known of a venue before it is asked anything. */
export interface VenueProfile {
  /** Ours, in settings, on cards and in the database: "binance". */
  readonly id: VenueId;
  /** For people: "Binance USD-M". */
  readonly name: string;
  /** The file name of its class in ccxt: "binanceusdm". */
  readonly ccxtName: string;
  /** Every host of the real venue; any other is refused, and in mode testnet these are too. */
  readonly hosts: readonly string[];
  /** Every host of its test venue: the only ones in mode testnet. */
  readonly testHosts: readonly string[];
  /** How it is rehearsed; null where there is no test venue. */
  readonly rehearsal: "testnet" | "demo" | null;
  /** The fields that its key file must hold, by the names that ccxt gives them ("apiKey", "secret" …). */
  readonly credentials: readonly string[];
  readonly capabilities: VenueCapabilities;
  /** What an account without discounts pays (fractions), until the account's own rates are known. */
  readonly listFees: { readonly taker: string; readonly maker: string };
  /** Requests a second that it allows us, and how many may go at once after a pause. */
  readonly budget: { readonly perSecond: number; readonly burst: number };
  /**
   * By the code that a reply carries (see `codeOf`): what proves that a mutation was not executed. A code
   * that is not here proves nothing.
   */
  readonly refusals: Readonly<Record<string, RefusalCode>>;
  /** The codes with which a look-up says that there is no such order. */
  readonly notFound: readonly string[];
  /** Null where ccxt can watch nothing of the account. */
  readonly streams: StreamProfile | null;
}

/** An instrument, with what only its venue needs to know. */
export interface Listed {
  readonly instrument: Instrument;
  /** ccxt's unified symbol: "BTC/USDT:USDT". */
  readonly ccxtSymbol: string;
  /** Canonical base units that a price of this venue is quoted for: 1000 for 1000PEPE, else 1. */
  readonly priceUnit: Decimal;
  /** The venue's own words about it. */
  readonly info: Row;
  /** Its coin as the venue calls it; only of spot. */
  readonly coin?: string;
}

/** All instruments of a venue, by the venue's own market id (`Instrument.symbol`). */
export type Listings = ReadonlyMap<string, Listed>;

/** An order in the venue's own words. */
export interface WireOrder {
  readonly request: OrderRequest;
  /** Our client order id as this venue takes it; "" where it takes none. */
  readonly wireId: string;
  /** In the venue's amount units (contracts), exactly on its grid. */
  readonly amount: string;
  /** Per the venue's price unit, exactly on its grid. */
  readonly price: string;
  /** How long until the fence by the venue's clock. */
  readonly lifeMs: number;
  /** Venue time: the fence. */
  readonly expiresAt: EpochMs;
}

/** What the answer to a new order says for certain; null where it does not say. */
export interface Placed {
  readonly venueOrderId: string;
  readonly status: OrderReport["status"] | null;
  readonly filledBase: OrderReport["filledBase"] | null;
}

/** How to name an order to its venue. At least one is not "". */
export interface OrderName {
  readonly wireId: string;
  readonly venueOrderId: string;
}

/** A reply of the venue to a mutation, as it came over the wire. */
export interface Reply {
  readonly httpStatus: number;
  readonly body: string;
  /** The body as JSON; undefined when it is none. */
  readonly json: unknown;
}

/** What the venue says of the key itself; null where it does not say. */
export interface KeyFacts {
  readonly canTrade: boolean | null;
  readonly canWithdraw: boolean | null;
  /** Why spot cannot be traded with it, in our own words; null where it can, or was not asked for. */
  readonly noSpot?: string | null;
  /** Why nothing can be borrowed for shorts on spot, likewise. */
  readonly noLoans?: string | null;
  /** So that another account behind the same name is noticed. */
  readonly accountId: string | null;
}

/**
 * One venue's own ways. Reads take the venue's raw answers (ccxt's implicit methods) and make exact decimals
 * in canonical base units of them; ccxt's own parsed numbers are floats and are not used. Writes go through
 * ccxt's unified methods, which know how to sign. Whatever is thrown is sorted by the adapter; a field that
 * is missing throws (see `Row`), so that nothing is guessed.
 */
export interface VenueDriver {
  readonly profile: VenueProfile;
  /** Null when it is not a linear perpetual (or spot) in a USD-like currency, or is not traded any more. */
  list(market: Market): Listed | null;

  /** The venue's clock. */
  time(): Promise<EpochMs>;
  /** Upcoming settlements of all instruments, in as few requests as the venue allows. */
  fundingRates(listings: Listings): Promise<readonly Omit<RawFundingRate, "observedAt">[]>;
  /** Realised rates from `since` on, at least to now; order and bounds are the adapter's work. */
  fundingHistory(of: Listed, since: EpochMs): Promise<readonly SettledRate[]>;
  orderBook(of: Listed): Promise<{
    readonly bids: readonly BookLevel[];
    readonly asks: readonly BookLevel[];
  }>;
  marketStats(of: Listed): Promise<Omit<MarketStats, "observedAt">>;
  /** Of one instrument, where listings do not carry them: null when what the venue says is not understood. */
  maintenanceTiers?(of: Listed): Promise<MaintenanceTiers | null>;
  /** Absent where nothing is lent to us, or nobody says for how much. */
  borrowRates?(listings: Listings): Promise<readonly Omit<BorrowRate, "venue" | "observedAt">[]>;
  /** USDT for one USDC in the venue's own book; absent where it has none. */
  usdcInUsdt?(): Promise<Price>;

  /** What backs perps, unless spot is asked for. */
  account(kind?: Instrument["kind"]): Promise<Omit<AccountState, "venue" | "observedAt">>;
  setup(of: Listed): Promise<TradingSetup>;
  feeRates(of: Listed): Promise<FeeRates>;
  /** Everything that is not flat. */
  positions(listings: Listings): Promise<readonly Position[]>;
  /** `clientOrderId` is the wire's; the adapter translates it. "" where the venue does not say. */
  openOrders(listings: Listings): Promise<readonly OrderReport[]>;
  /** By its wire id; the adapter takes a thrown `notFound` code for "no such order", and so is null. */
  lookupOrder(of: Listed, name: OrderName): Promise<OrderReport | null>;
  /** All fills of the order, also when it was cut short. `clientOrderId` is the wire's. */
  fillsOf(of: Listed, order: OrderReport): Promise<readonly Fill[]>;
  /** All fills from `since` on, paged to the end. `clientOrderId` is the wire's. */
  fills(listings: Listings, since: EpochMs): Promise<readonly Fill[]>;
  /** Paid funding from `since` on; positive is received. */
  fundingPayments(listings: Listings, since: EpochMs): Promise<readonly FundingPayment[]>;
  /** Interest from `since` on; absent where nothing is ever borrowed. */
  interestPayments?(listings: Listings, since: EpochMs): Promise<readonly InterestPayment[]>;
  /** Money that came or went without a trade, from `since` on. */
  transfers?(since: EpochMs): Promise<readonly Transfer[]>;
  keyFacts(): Promise<KeyFacts>;

  place(of: Listed, order: WireOrder): Promise<Placed>;
  cancel(of: Listed, name: OrderName): Promise<void>;
  cancelAll(of: Listed): Promise<void>;
  /** Null where a position posts what the venue says, and nothing can be set. */
  readonly setLeverage: ((of: Listed, leverage: Decimal) => Promise<void>) | null;
  /** The code in a reply to a mutation, as the keys of `refusals` are written; null when there is none. */
  codeOf(reply: Reply): string | null;
}

/** Everything that a driver is made with. `exchange` is the one ccxt object of this venue. */
export interface DriverParts {
  readonly exchange: Exchange;
  readonly mode: "paper" | "testnet" | "live";
  /** Fraction of notional that the owner chose to pay a builder; null for none, which is the default. */
  readonly builderFeeRate: string | null;
  /** What we know of our own orders on spot; null or absent where its spot is left out. */
  readonly spot?: OwnSpotOrders | null;
}

/** What every file in quirks/ exports. */
export interface Quirks {
  readonly profile: VenueProfile;
  /** ccxt's options for this venue: what it would do by itself is switched off here. */
  options(
    mode: DriverParts["mode"],
    wants?: { readonly spot: boolean },
  ): Readonly<Record<string, unknown>>;
  /** In which modes its spot can be traded here; absent for none. */
  readonly spotModes?: readonly DriverParts["mode"][];
  /** Our client order id in the form that this venue takes; the same id gives the same form, always. */
  wireIdOf(clientOrderId: string): string;
  create(parts: DriverParts): VenueDriver;
}
