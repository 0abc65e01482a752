import { dec, parseDecimal, ZERO } from "#src/core/decimal.ts";
import { bybitInstrument, connectBybit } from "./bybit-rig.ts";
import { jsonReply, type Loopback, startLoopback } from "./loopback.ts";
import { type DeskOrder, type DeskTrade, SpotDesk } from "./spot-desk.ts";

type Row = Readonly<Record<string, unknown>>;

export interface BybitSpotServer extends Loopback {
  readonly desk: SpotDesk;
  mayTradeSpot: boolean;
  marginMode: string;
  /** Whether spot fees are paid in MNT, while there is any. */
  paysInMnt: boolean;
  /** Coins that the venue repays by itself, and whether it lets that be switched on. */
  readonly repaid: Set<string>;
  /** By the type that its log is asked for. */
  readonly moves: Record<string, readonly Row[]>;
  mayRepay: boolean;
}

const PERPS = ["BTC", "1000PEPE"];
const COINS: Readonly<Record<string, string>> = { BTC: "60000", PEPE: "0.00001", USDC: "1" };
const HOURLY = "0.0000015021220000";

/** A Bybit with two perpetuals and spot of the same coins, in the shapes of its documents. */
export function startBybitSpot(): BybitSpotServer {
  const desk = new SpotDesk(COINS);
  const loopback: Loopback = startLoopback({
    handle({ url, method, body }) {
      const query = Object.fromEntries(url.searchParams);
      const ask = method === "GET" ? READS[url.pathname] : undefined;
      const result = ask ? ask(server, query) : change(server, url.pathname, body);
      if (result === null) return jsonReply({ path: url.pathname }, 404);
      const [retCode, said] = typeof result === "number" ? [result, {}] : [0, result];
      return jsonReply({ retCode, retMsg: "", result: said, retExtInfo: {}, time: Date.now() });
    },
  });
  const server: BybitSpotServer = {
    ...{ ...loopback, desk, mayTradeSpot: true, marginMode: "REGULAR_MARGIN", paysInMnt: false },
    ...{ repaid: new Set<string>(), mayRepay: true },
    moves: {
      TRANSFER_IN: [moved("in-1", "USDT", "500")],
      TRANSFER_OUT: [moved("out-1", "BTC", "-0.5")],
    },
  };
  return server;
}

export function connectBybitSpot(
  server: BybitSpotServer,
  over: Parameters<typeof connectBybit>[1] = {},
) {
  const spot = { asked: () => null, symbols: () => [] };
  return connectBybit(server, { spot, ...over });
}

type World = Omit<BybitSpotServer, keyof Loopback>;

const READS: Readonly<Record<string, (world: World, query: Record<string, string>) => Row>> = {
  "/v5/market/time": () => ({}),
  "/v5/market/instruments-info": (_world, { category, symbol, status }) => ({
    list: (status === "PreLaunch" ? [] : category === "spot" ? SPOT : PERPS.map(perp)).filter(
      (one) => symbol === undefined || one["symbol"] === symbol,
    ),
  }),
  "/v5/market/tickers": ({ desk }, { symbol }) => ({
    list: Object.keys(COINS)
      .filter((coin) => symbol === undefined || symbol === `${coin}USDT`)
      .map((coin) => ticker(desk, coin)),
  }),
  "/v5/market/orderbook"({ desk }, { symbol = "" }) {
    const side = (name: "buy" | "sell") =>
      desk
        .levels(symbol.replace("USDT", ""), name)
        .map((one) => [one.price.toFixed(), one.size.toFixed()]);
    return { s: symbol, a: side("buy"), b: side("sell") };
  },
  "/v5/market/kline": ({ desk }, { symbol = "", start, interval }) => ({
    list: Array.from({ length: interval === "60" ? 40 : 1 }, (_, n) => {
      const text = desk.priceOf(symbol.replace("USDT", "")).toFixed();
      return [String(Number(start) + n * 3_600_000), text, text, text, text, "1", "1"];
    }).toReversed(),
  }),
  "/v5/spot-margin-trade/data": () => ({
    vipCoinList: [{ vipLevel: "No VIP", list: [lent("BTC", true), lent("PEPE", false)] }],
  }),
  "/v5/spot-margin-trade/state": ({ desk }) => ({
    ...{ spotLeverage: "10", spotMarginMode: desk.lends ? "1" : "0" },
  }),
  "/v5/spot-margin-trade/get-auto-repay-mode": ({ repaid }, { currency = "" }) => ({
    data: [{ currency, autoRepayMode: repaid.has(currency) ? "1" : "0" }],
  }),
  "/v5/account/info": ({ marginMode }) => ({ marginMode, unifiedMarginStatus: 6 }),
  "/v5/account/user-setting-config": ({ paysInMnt }) => ({ lpaSpot: false, smsef: paysInMnt }),
  "/v5/user/query-api": ({ mayTradeSpot }) => ({
    ...{ readOnly: 0, uta: 1, userID: 1 },
    permissions: {
      ContractTrade: ["Order", "Position"],
      Spot: mayTradeSpot ? ["SpotTrade"] : [],
      Wallet: [],
    },
  }),
  "/v5/account/fee-rate": ({ desk }, { symbol }) => ({
    list: [{ symbol, takerFeeRate: desk.fee.toFixed(), makerFeeRate: desk.fee.toFixed() }],
  }),
  "/v5/account/wallet-balance": ({ desk }) => ({
    list: [
      {
        ...{ totalEquity: "1", totalAvailableBalance: "1", totalMaintenanceMargin: "0" },
        coin: [...desk.balances].map(([coin, net]) => ({
          ...{ coin, equity: net.toFixed(), walletBalance: net.toFixed(), unrealisedPnl: "0" },
          borrowAmount: (net.lt(ZERO) ? net.neg() : ZERO).toFixed(),
        })),
      },
    ],
  }),
  "/v5/position/list": () => ({ list: [], nextPageCursor: "" }),
  "/v5/order/realtime": ({ desk }, query) => orders(desk, query),
  "/v5/order/history": ({ desk }, query) => orders(desk, query),
  "/v5/execution/list": ({ desk }, { category, orderId }) => ({
    list:
      category === "spot"
        ? desk.trades
            .filter(({ order }) => orderId === undefined || order.orderId === orderId)
            .map(execution)
            .toReversed()
        : [],
    nextPageCursor: "",
  }),
  "/v5/account/borrow-history": () => ({
    list: [
      {
        ...{ currency: "BTC", createdTime: Date.now() - 60_000, borrowCost: "0.0000012" },
        ...{ hourlyBorrowRate: HOURLY, InterestBearingBorrowSize: "0.8", costExemption: "" },
      },
    ],
    nextPageCursor: "",
  }),
  "/v5/account/transaction-log": ({ moves }, { type }) => ({
    list: moves[String(type)] ?? [],
    nextPageCursor: "",
  }),
};

function change({ desk, repaid, mayRepay }: World, path: string, text: string) {
  const body: Row = JSON.parse(text);
  if (path === "/v5/spot-margin-trade/set-auto-repay-mode") {
    if (!mayRepay) return 10005;
    repaid.add(String(body["currency"]));
    return { data: [body] };
  }
  if (body["category"] !== "spot") return 10001;
  const coin = String(body["symbol"]).replace("USDT", "");
  if (path === "/v5/order/create") return create(desk, coin, body);
  const isIt = (one: DeskOrder) =>
    one.coin === coin &&
    (path.endsWith("cancel-all") ||
      one.clientId === body["orderLinkId"] ||
      one.orderId === body["orderId"]);
  const gone = desk.cancel(isIt);
  if (path === "/v5/order/cancel" && gone.length === 0) return 170213;
  return path.startsWith("/v5/order/cancel") ? { success: "1", orderId: "1" } : null;
}

function create(desk: SpotDesk, coin: string, body: Row): Row | number {
  const [qty, limit] = ["qty", "price"].map((key) => parseDecimal(String(body[key])));
  if (!qty || !limit || body["orderType"] !== "Limit") return 10001;
  const placed = desk.place({
    ...{ coin, qty, limit, clientId: String(body["orderLinkId"]) },
    side: body["side"] === "Buy" ? "buy" : "sell",
    mayBorrow: body["isLeverage"] === 1,
    rests: body["timeInForce"] !== "IOC",
  });
  if (placed === "duplicate") return 170141;
  if (placed === "balance") return 170131;
  return { orderId: placed.orderId, orderLinkId: placed.clientId };
}

function orders(desk: SpotDesk, query: Record<string, string>): Row {
  const { category, orderLinkId, orderId } = query;
  const named = orderLinkId ?? orderId;
  const found = desk.orders.filter((one) =>
    named === undefined
      ? one.status === "open"
      : one.clientId === orderLinkId || one.orderId === orderId,
  );
  return { list: category === "spot" ? found.map(orderRow) : [], nextPageCursor: "" };
}

function orderRow(one: DeskOrder): Row {
  const states = { open: "New", filled: "Filled", cancelled: "PartiallyFilledCanceled" };
  return {
    ...{ orderId: one.orderId, orderLinkId: one.clientId, symbol: `${one.coin}USDT` },
    ...{ side: one.side === "buy" ? "Buy" : "Sell", qty: one.qty.toFixed(), reduceOnly: false },
    ...{ cumExecQty: one.filled.toFixed(), orderStatus: states[one.status] },
    isLeverage: one.mayBorrow ? "1" : "0",
  };
}

function execution({ id, order, size, price, fee, feeCoin, isMaker, at }: DeskTrade): Row {
  return {
    ...{ execId: id, orderId: order.orderId, orderLinkId: order.clientId, execType: "Trade" },
    ...{ symbol: `${order.coin}USDT`, side: order.side === "buy" ? "Buy" : "Sell", isMaker },
    ...{ execQty: size.toFixed(), execPrice: price.toFixed(), execTime: String(at) },
    ...{ execFee: fee.toFixed(), feeCurrency: feeCoin },
  };
}

function ticker(desk: SpotDesk, coin: string): Row {
  const price = desk.priceOf(coin);
  return {
    ...{ symbol: `${coin}USDT`, lastPrice: price.toFixed(), turnover24h: "123456789.5" },
    bid1Price: price.times("0.9999").toFixed(),
    ask1Price: price.times("1.0001").toFixed(),
  };
}

function lent(currency: string, borrowable: boolean): Row {
  return {
    ...{ currency, borrowable, collateralRatio: "0.95", liquidationOrder: "1" },
    ...{ hourlyBorrowRate: HOURLY, marginCollateral: true, maxBorrowingAmount: "3" },
  };
}

export function moved(id: string, currency: string, change: string): Row {
  return { id, currency, change, transactionTime: String(Date.now() - 120_000) };
}

const perp = (baseCoin: string) => bybitInstrument({ symbol: `${baseCoin}USDT`, baseCoin });

const spot = (baseCoin: string, quoteCoin: string, lot: string, tick: string) => ({
  ...{ symbol: `${baseCoin}${quoteCoin}`, baseCoin, quoteCoin, innovation: "0", stTag: "0" },
  ...{ status: "Trading", marginTrading: "utaOnly", priceFilter: { tickSize: tick } },
  lotSizeFilter: {
    ...{ basePrecision: lot, quotePrecision: "0.00000001", minOrderQty: lot, minOrderAmt: "5" },
    ...{ maxOrderQty: "71.73956243", maxOrderAmt: "4000000" },
  },
});

const PEPE = spot("PEPE", "USDT", "1", dec("0.0000000001").toFixed());

/**
 * Two quotes of one coin, a coin in whole units without the least quantity, which is deprecated, one without a
 * perpetual, and dollars themselves.
 */
const SPOT = [
  spot("BTC", "USDC", "0.000001", "0.01"),
  spot("BTC", "USDT", "0.000001", "0.01"),
  { ...PEPE, lotSizeFilter: { basePrecision: "1", minOrderAmt: "5" } },
  spot("RARE", "USDT", "1", "0.01"),
  spot("USDC", "USDT", "0.01", "0.0001"),
];
