import { dec, maxOf, parseDecimal, ZERO } from "#src/core/decimal.ts";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { createCcxtVenue } from "#src/venues/ccxt/ccxt-venue.ts";
import { binance } from "#src/venues/quirks/binance.ts";
import type { OwnSpotOrders } from "#src/venues/spot/spot-driver.ts";
import { createMemoryRecords } from "#tests/support/memory-records.ts";
import { BINANCE_KEY } from "./binance-rig.ts";
import { jsonReply, type Loopback, startLoopback } from "./loopback.ts";
import { type DeskOrder, type DeskTrade, SpotDesk } from "./spot-desk.ts";

type Row = Readonly<Record<string, unknown>>;
type Query = Readonly<Record<string, string>>;

export interface BinanceSpotServer extends Loopback {
  readonly desk: SpotDesk;
  mayTradeSpot: boolean;
  /** Whether fees are paid in BNB, while there is any. */
  burnsBnb: boolean;
  /** What moved into the futures wallet and out of it, and the margin account's own list of its moves. */
  readonly moves: { futures: readonly Row[]; margin: readonly Row[]; others: readonly Row[] };
  /** Whether the margin account itself is open for trading. */
  tradeEnabled: boolean;
}

const COINS = { BTC: "60000", PEPE: "0.00001", USDC: "1", BNB: "600" };
const UNHURRIED = {
  ...binance,
  profile: { ...binance.profile, budget: { perSecond: 100_000, burst: 100_000 } },
};

/** Binance's futures and cross margin accounts, in the shapes of their documents. */
export function startBinanceSpot(): BinanceSpotServer {
  const desk = new SpotDesk(COINS);
  const loopback: Loopback = startLoopback({
    handle({ method, url, body }) {
      const query = {
        ...Object.fromEntries(url.searchParams),
        ...Object.fromEntries(new URLSearchParams(body)),
      };
      const say = ROUTES[`${method} ${url.pathname}`];
      const said = say ? say(server, query) : refusal(-5000, url.pathname);
      const status = "code" in Object(said) ? 400 : 200;
      return jsonReply(said, status);
    },
  });
  const server: BinanceSpotServer = {
    ...{ ...loopback, desk, mayTradeSpot: true, burnsBnb: false, tradeEnabled: true },
    moves: {
      others: [],
      futures: [income("500", 1), income("-40", 2)],
      // 40 of these came from the futures wallet; the coins left for good.
      margin: [rolled("ROLL_IN", "USDT", "40", 7), rolled("ROLL_OUT", "BTC", "0.5", 8)],
    },
  };
  return server;
}

export function connectBinanceSpot(
  server: Pick<BinanceSpotServer, "proxyUrl">,
  over: {
    readonly spot?: OwnSpotOrders;
    readonly credentials?: typeof BINANCE_KEY | null;
    readonly mode?: "paper" | "live";
  } = {},
) {
  return createCcxtVenue({
    ...{ quirks: UNHURRIED, mode: "live", credentials: BINANCE_KEY, builderFeeRate: null },
    ...{ loopback: server.proxyUrl, clock: createSystemClock(), saved: createMemoryRecords() },
    ...{ ourOrders: () => [], spot: { asked: () => null, symbols: () => [] } },
    ...over,
  });
}

const ROUTES: Readonly<Record<string, (server: BinanceSpotServer, query: Query) => unknown>> = {
  "GET /fapi/v1/time": () => ({ serverTime: Date.now() }),
  "GET /fapi/v1/exchangeInfo": () => ({ symbols: [perp("BTC"), perp("1000PEPE")] }),
  "GET /fapi/v1/leverageBracket": () =>
    ["BTCUSDT", "1000PEPEUSDT"].map((symbol) => ({
      symbol,
      brackets: [{ notionalCap: 500_000, initialLeverage: 75, maintMarginRatio: 0.005 }],
    })),
  "GET /fapi/v3/positionRisk": () => [],
  "GET /fapi/v1/openOrders": () => [],
  "GET /fapi/v3/account": () => ({
    ...{ totalMarginBalance: "250", availableBalance: "250", totalMaintMargin: "0" },
  }),
  "GET /fapi/v3/balance": () => [{ accountAlias: "SgsR", asset: "USDT" }],
  "GET /fapi/v1/accountConfig": () => ({ canTrade: true }),
  "GET /fapi/v1/income": ({ moves }, { incomeType, startTime }) =>
    incomeType === "TRANSFER"
      ? moves.futures.filter((one) => Number(one["time"]) >= Number(startTime ?? "0"))
      : moves.others.filter((one) => one["incomeType"] === incomeType),
  "GET /api/v3/exchangeInfo": (_server, { symbol }) => ({
    symbols: SPOT.filter((one) => symbol === undefined || one["symbol"] === symbol),
  }),
  "GET /api/v3/depth": ({ desk }, { symbol }) => {
    const side = (name: "buy" | "sell") =>
      desk.levels(coinIn(symbol), name).map((one) => [one.price.toFixed(), one.size.toFixed()]);
    return { asks: side("buy"), bids: side("sell") };
  },
  "GET /api/v3/ticker/24hr": ({ desk }, { symbol }) => {
    const lastPrice = desk.priceOf(coinIn(symbol)).toFixed();
    return { symbol, lastPrice, bidPrice: lastPrice, askPrice: lastPrice, quoteVolume: "2e7" };
  },
  "GET /api/v3/ticker/price": ({ desk }) =>
    [...desk.prices].map(([coin, price]) => ({ symbol: `${coin}USDT`, price: price.toFixed() })),
  "GET /api/v3/klines": ({ desk }, { symbol, startTime, interval }) =>
    Array.from({ length: interval === "1h" ? 40 : 1 }, (_, n) => {
      const text = desk.priceOf(coinIn(symbol)).toFixed();
      return [Number(startTime) + n * 3_600_000, text, text, text, text, "1"];
    }),
  "GET /sapi/v1/account/apiRestrictions": ({ mayTradeSpot }) => ({
    ...{ enableReading: true, enableFutures: true, enableWithdrawals: false },
    ...{ enableMargin: mayTradeSpot, enableSpotAndMarginTrading: mayTradeSpot },
  }),
  "GET /sapi/v1/margin/crossMarginData": () => [lent("BTC", true), lent("PEPE", false)],
  "GET /sapi/v1/asset/tradeFee": ({ desk: { fee } }, { symbol }) => [
    { symbol, makerCommission: fee.toFixed(), takerCommission: fee.toFixed() },
  ],
  "GET /sapi/v1/bnbBurn": ({ burnsBnb }) => ({ spotBNBBurn: burnsBnb, interestBNBBurn: false }),
  "GET /sapi/v1/margin/account": (server) => account(server),
  "GET /sapi/v1/margin/openOrders": ({ desk }, { symbol }) =>
    desk.orders
      .filter((one) => symbol === undefined || one.coin === coinIn(symbol))
      .filter((one) => one.status === "open")
      .map(orderRow),
  "GET /sapi/v1/margin/order": ({ desk }, query) => {
    const found = desk.orders.find((one) => isNamed(one, query));
    return found ? orderRow(found) : refusal(-2013, "Order does not exist.");
  },
  "GET /sapi/v1/margin/myTrades": ({ desk }, { symbol, orderId }) =>
    desk.trades
      .filter(({ order }) => order.coin === coinIn(symbol))
      .filter(({ order }) => orderId === undefined || order.orderId === orderId)
      .map(tradeRow),
  "GET /sapi/v1/margin/interestHistory": () => ({
    rows: [
      {
        ...{ txId: 135228657645286, interestAccuredTime: Date.now() - 60_000, asset: "BNB" },
        ...{ rawAsset: "BTC", interest: "0.00012", interestRate: "0.0001", principal: "0.8" },
        type: "PERIODIC_CONVERTED",
      },
    ],
    total: 1,
  }),
  "GET /sapi/v1/margin/transfer": ({ moves, mayTradeSpot }, { startTime }) => {
    if (!mayTradeSpot) return refusal(-3003, "Margin account does not exist.");
    const told = moves.margin.filter((one) => Number(one["timestamp"]) >= Number(startTime ?? "0"));
    return { rows: told, total: told.length };
  },
  "POST /sapi/v1/margin/order": place,
  "DELETE /sapi/v1/margin/order": ({ desk }, query) => {
    const gone = desk.cancel((one) => isNamed(one, query));
    return gone[0] ? orderRow(gone[0]) : refusal(-2011, "Unknown order sent.");
  },
  "DELETE /sapi/v1/margin/openOrders": ({ desk }, { symbol }) => {
    const gone = desk.cancel((one) => one.coin === coinIn(symbol));
    return gone.length > 0 ? gone.map(orderRow) : refusal(-2011, "Unknown order sent.");
  },
};

function place({ desk }: BinanceSpotServer, query: Query): unknown {
  const [qty, limit] = ["quantity", "price"].map((key) => parseDecimal(query[key] ?? ""));
  if (!qty || !limit || query["isIsolated"] !== "FALSE" || !query["recvWindow"]) {
    return refusal(-1102, "Mandatory parameter was not sent.");
  }
  const placed = desk.place({
    ...{ qty, limit, coin: coinIn(query["symbol"]) },
    side: query["side"] === "BUY" ? "buy" : "sell",
    clientId: query["newClientOrderId"] ?? "",
    mayBorrow: query["sideEffectType"] === "MARGIN_BUY",
    rests: query["timeInForce"] !== "IOC",
  });
  if (placed === "duplicate") return refusal(-2010, "Duplicate order sent.");
  if (placed === "balance") {
    return refusal(-2010, "Account has insufficient balance for requested action.");
  }
  const { orderId, clientId: clientOrderId } = placed;
  return { orderId, clientOrderId, symbol: query["symbol"], isIsolated: false };
}

function account({ desk, tradeEnabled }: BinanceSpotServer): Row {
  return {
    ...{ borrowEnabled: desk.lends, tradeEnabled, marginLevel: "999" },
    userAssets: [...desk.balances].map(([asset, net]) => ({
      ...{ asset, free: maxOf(ZERO, net).toFixed(), locked: "0", interest: "0" },
      ...{ borrowed: maxOf(ZERO, net.neg()).toFixed(), netAsset: net.toFixed() },
    })),
  };
}

function orderRow(one: DeskOrder): Row {
  const states = { open: "NEW", filled: "FILLED", cancelled: "EXPIRED" };
  return {
    ...{ symbol: `${one.coin}USDT`, orderId: one.orderId, clientOrderId: one.clientId },
    ...{ origQty: one.qty.toFixed(), executedQty: one.filled.toFixed(), time: one.at },
    ...{ side: one.side.toUpperCase(), status: states[one.status], isIsolated: false },
  };
}

function tradeRow({ id, order, size, price, fee, feeCoin, isMaker, at }: DeskTrade): Row {
  return {
    ...{ symbol: `${order.coin}USDT`, id: Number(id), orderId: order.orderId, time: at },
    ...{ qty: size.toFixed(), price: price.toFixed(), isBuyer: order.side === "buy", isMaker },
    ...{ commission: fee.toFixed(), commissionAsset: feeCoin, isIsolated: false },
  };
}

function isNamed(one: DeskOrder, by: Query): boolean {
  return one.clientId === by["origClientOrderId"] || one.orderId === by["orderId"];
}

function refusal(code: number, msg: string): Row {
  return { code, msg };
}

function lent(coin: string, borrowable: boolean): Row {
  return {
    ...{ vipLevel: 0, coin, transferIn: true, borrowable, dailyInterest: "0.00004" },
    ...{ yearlyInterest: "0.0146", borrowLimit: "3", marginablePairs: [`${coin}USDT`] },
  };
}

export function income(amount: string, tranId: number, time = Date.now() - 120_000): Row {
  return { symbol: "", incomeType: "TRANSFER", income: amount, asset: "USDT", time, tranId };
}

function rolled(type: string, asset: string, amount: string, txId: number): Row {
  return { type, asset, amount, txId, status: "CONFIRMED", timestamp: Date.now() - 118_000 };
}

function coinIn(symbol = ""): string {
  return symbol.replace("USDT", "");
}

const filters = (lot: string, tick: string) => [
  { filterType: "PRICE_FILTER", minPrice: tick, maxPrice: "1000000", tickSize: tick },
  { filterType: "LOT_SIZE", minQty: lot, maxQty: "9000", stepSize: lot },
];

function perp(baseAsset: string): Row {
  return {
    ...{ symbol: `${baseAsset}USDT`, pair: `${baseAsset}USDT`, contractType: "PERPETUAL" },
    ...{ status: "TRADING", baseAsset, quoteAsset: "USDT", marginAsset: "USDT" },
    ...{ underlyingType: "COIN", maintMarginPercent: "2.5", requiredMarginPercent: "5" },
    ...{ deliveryDate: 4133404800000, onboardDate: 1569398400000, orderTypes: ["LIMIT"] },
    filters: [...filters("0.001", "0.0000001"), { filterType: "MIN_NOTIONAL", notional: "5" }],
    brackets: undefined,
  };
}

const spot = (baseAsset: string, quoteAsset: string, lot: string, over: Row = {}): Row => ({
  ...{ symbol: `${baseAsset}${quoteAsset}`, status: "TRADING", baseAsset, quoteAsset },
  ...{ isSpotTradingAllowed: true, isMarginTradingAllowed: true, orderTypes: ["LIMIT"] },
  ...{ baseAssetPrecision: 8, quoteAssetPrecision: 8, permissions: [], permissionSets: [["SPOT"]] },
  filters: [
    ...filters(lot, lot === "1" ? dec("0.00000001").toFixed() : "0.01"),
    { filterType: "NOTIONAL", minNotional: "5", applyMinToMarket: true, maxNotional: "9000000" },
  ],
  ...over,
});

/** Two quotes of one coin, one without margin, one without a perpetual, and dollars themselves. */
const SPOT: readonly Row[] = [
  spot("BTC", "USDC", "0.00001"),
  spot("BTC", "USDT", "0.00001"),
  spot("PEPE", "USDC", "1", { isMarginTradingAllowed: false }),
  spot("PEPE", "USDT", "1"),
  spot("RARE", "USDT", "0.01"),
  spot("USDC", "USDT", "1"),
];
