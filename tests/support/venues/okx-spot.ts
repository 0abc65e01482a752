import { parseDecimal, ZERO } from "#src/core/decimal.ts";
import { okx } from "#src/venues/quirks/okx.ts";
import type { OwnSpotOrders } from "#src/venues/spot/spot-driver.ts";
import { jsonReply, type Loopback, type LoopbackRequest, startLoopback } from "./loopback.ts";
import { okxOver, PEPE, swap } from "./okx-rig.ts";
import { type DeskOrder, type DeskTrade, SpotDesk } from "./spot-desk.ts";

type Row = Readonly<Record<string, unknown>>;

export interface OkxSpotServer extends Loopback {
  readonly desk: SpotDesk;
  mayTradeSpot: boolean;
}

interface Ask {
  readonly desk: SpotDesk;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Row;
  readonly mayTradeSpot: boolean;
}

/** On this machine nobody has to be spared. */
const UNHURRIED = {
  ...okx,
  profile: { ...okx.profile, budget: { perSecond: 100_000, burst: 100_000 } },
};
const COINS = { BTC: "60000", PEPE: "0.00001", USDC: "1" };

/** An OKX account in multi-currency margin mode, with two swaps and spot of the same coins. */
export function startOkxSpot(): OkxSpotServer {
  const desk = new SpotDesk(COINS);
  const loopback: Loopback = startLoopback({ handle: (request) => answer(server, request) });
  const server: OkxSpotServer = { ...loopback, desk, mayTradeSpot: true };
  return server;
}

export function connectOkxSpot(
  server: OkxSpotServer,
  over: { readonly spot?: OwnSpotOrders } = {},
) {
  return okxOver(server, {
    quirks: UNHURRIED,
    spot: { asked: () => null, symbols: () => [] },
    ...over,
  });
}

function answer(server: OkxSpotServer, { method, url, body }: LoopbackRequest): Response {
  const route = `${method} ${url.pathname.replace("/api/v5/", "")}`;
  const say = ROUTES[route];
  if (!say) return jsonReply({ code: "404", data: [], msg: route }, 404);
  const { desk, mayTradeSpot } = server;
  const query = Object.fromEntries(url.searchParams);
  const said = say({ desk, mayTradeSpot, query, body: body === "" ? {} : JSON.parse(body) });
  if (typeof said === "string") {
    const refused = [{ ordId: "", clOrdId: "", sCode: said, sMsg: "" }];
    const isLookup = said === "51603";
    return jsonReply({ code: isLookup ? said : "1", data: isLookup ? [] : refused, msg: "" });
  }
  return jsonReply({ code: "0", data: said, msg: "" });
}

const ROUTES: Readonly<Record<string, (ask: Ask) => readonly unknown[] | string>> = {
  "GET public/time": () => [{ ts: String(Date.now()) }],
  "GET public/instruments": ({ query }) =>
    (query["instType"] === "SPOT" ? SPOT : [swap(), swap(PEPE)]).filter(
      (one) => query["instId"] === undefined || one["instId"] === query["instId"],
    ),
  "GET market/books": ({ desk, query }) => {
    const side = (name: "buy" | "sell") =>
      desk
        .levels(coinIn(query["instId"]), name)
        .map((one) => [...[one.price.toFixed(), one.size.toFixed(), "0", "4"]]);
    return [{ asks: side("buy"), bids: side("sell"), ts: String(Date.now()) }];
  },
  "GET market/ticker": ({ desk, query }) => [ticker(desk, coinIn(query["instId"]))],
  "GET market/tickers": ({ desk }) => Object.keys(COINS).map((coin) => ticker(desk, coin)),
  "GET market/candles": ({ desk, query }) => candles(desk, query),
  "GET market/history-candles": ({ desk, query }) => candles(desk, query),
  // A day's rates, unlike those of the account.
  "GET public/interest-rate-loan-quota": () => [
    {
      basic: ["BTC", "PEPE"].map((ccy) => ({ ccy, rate: "0.00004", quota: "3" })),
      vip: [],
      regular: [],
    },
  ],
  "GET account/interest-rate": () => [{ ccy: "BTC", interestRate: "0.0000015" }],
  "GET account/config": ({ desk, mayTradeSpot }) => [
    {
      ...{ acctLv: mayTradeSpot ? "3" : "2", posMode: "net_mode", perm: "read_only,trade" },
      ...{ uid: "1", autoLoan: desk.lends, feeType: "0" },
    },
  ],
  "GET account/trade-fee": ({ desk }) => {
    const charged = desk.fee.neg().toFixed();
    return [{ instType: "SPOT", taker: charged, maker: charged }];
  },
  "GET account/balance": ({ desk }) => [
    {
      ...{ totalEq: "1", adjEq: "1", availEq: "1", mmr: "0" },
      details: [...desk.balances].map(([ccy, net]) => {
        const loss = ccy === "USDT" ? desk.perpLoss : ZERO;
        return { ccy, eq: net.minus(loss).toFixed(), upl: loss.neg().toFixed() };
      }),
    },
  ],
  "GET account/positions": () => [],
  "GET trade/orders-pending": ({ desk, query }) =>
    query["instType"] === "SWAP" || query["after"] !== undefined
      ? []
      : desk.orders.filter((one) => one.status === "open").map(orderRow),
  "GET trade/order": ({ desk, query }) => {
    const found = desk.orders.find((one) => isNamed(one, query));
    return found ? [orderRow(found)] : "51603";
  },
  "GET trade/fills": (ask) => fills(ask),
  "GET trade/fills-history": (ask) => fills(ask),
  "GET account/bills": ({ query }) =>
    query["type"] === "1" ? [moved("in-1", "USDT", "500"), moved("out-2", "BTC", "-0.5")] : [],
  "GET account/interest-accrued": ({ query }) => {
    const ts = String(Math.floor(Date.now() / 60_000) * 60_000 - 60_000);
    const row = { type: "2", ccy: "BTC", instId: "", mgnMode: "", interest: "0.0000012", ts };
    return query["after"] === undefined ? [row] : [];
  },
  "POST trade/order": place,
  "POST trade/cancel-order": ({ desk, body }) => {
    const gone = desk.cancel((one) => isNamed(one, body));
    return gone.length === 0 ? "51400" : [{ ordId: gone[0]?.orderId, sCode: "0" }];
  },
};

function place({ desk, body }: Ask): readonly unknown[] | string {
  // What this account mode says to anything but cross margin.
  if (body["tdMode"] !== "cross") return "51000";
  const [qty, limit] = ["sz", "px"].map((key) => parseDecimal(String(body[key])));
  if (!qty || !limit) return "51000";
  const coin = coinIn(String(body["instId"]));
  const side = body["side"] === "buy" ? "buy" : "sell";
  const placed = desk.place({
    ...{ coin, qty, limit, side, clientId: String(body["clOrdId"]) },
    // The account borrows whatever is missing, whoever asked for it; here the test tells who may.
    mayBorrow: side === "sell" && desk.of(coin).lt("0.00001"),
    rests: body["ordType"] !== "ioc",
  });
  if (placed === "duplicate") return "51016";
  if (placed === "balance") return "51008";
  return [{ ordId: placed.orderId, clOrdId: placed.clientId, sCode: "0", sMsg: "" }];
}

function fills({ desk, query }: Ask): readonly Row[] {
  // What crosses is told as a margin trade.
  if (query["instType"] !== "MARGIN" || query["after"] !== undefined) return [];
  return desk.trades
    .filter(({ order }) => query["ordId"] === undefined || order.orderId === query["ordId"])
    .map(fillRow)
    .toReversed();
}

function fillRow({ id, order, size, price, fee, feeCoin, isMaker, at }: DeskTrade): Row {
  return {
    ...{ instType: "MARGIN", instId: `${order.coin}-USDT`, billId: id, tradeId: id },
    ...{ ordId: order.orderId, clOrdId: order.clientId, side: order.side, posSide: "net" },
    ...{ fillSz: size.toFixed(), fillPx: price.toFixed(), execType: isMaker ? "M" : "T" },
    ...{ fee: fee.neg().toFixed(), feeCcy: feeCoin, fillTime: String(at), ts: String(at + 1) },
  };
}

function orderRow(one: DeskOrder): Row {
  const states = { open: "live", filled: "filled", cancelled: "canceled" };
  return {
    ...{ instType: "MARGIN", instId: `${one.coin}-USDT`, ordId: one.orderId, side: one.side },
    ...{ clOrdId: one.clientId, state: states[one.status], reduceOnly: "false" },
    ...{ sz: one.qty.toFixed(), accFillSz: one.filled.toFixed() },
  };
}

function isNamed(one: DeskOrder, by: Readonly<Record<string, unknown>>): boolean {
  return one.clientId === by["clOrdId"] || one.orderId === by["ordId"];
}

function ticker(desk: SpotDesk, coin: string): Row {
  const price = desk.priceOf(coin);
  return {
    ...{ instType: "SPOT", instId: `${coin}-USDT`, last: price.toFixed(), vol24h: "2057.6" },
    ...{ bidPx: price.times("0.9999").toFixed(), askPx: price.times("1.0001").toFixed() },
    volCcy24h: "123456789.5",
  };
}

function candles(desk: SpotDesk, query: Ask["query"]): readonly unknown[] {
  const stepMs = query["bar"] === "1H" ? 3_600_000 : 60_000;
  const last = Math.floor((Number(query["after"] ?? Date.now()) - 1) / stepMs) * stepMs;
  const price = desk.priceOf(coinIn(query["instId"])).toFixed();
  return Array.from({ length: Number(query["limit"] ?? "100") }, (_, n) => [
    ...[String(last - n * stepMs), price, price, price, price, "5", "5", "5", "1"],
  ]);
}

function moved(billId: string, ccy: string, balChg: string): Row {
  return { billId, type: "1", subType: "11", ccy, balChg, ts: String(Date.now() - 120_000) };
}

function coinIn(instId = ""): string {
  return instId.split("-")[0] ?? "";
}

const spot = (baseCcy: string, quoteCcy: string, lotSz: string, lever: string) => ({
  ...{ instType: "SPOT", instId: `${baseCcy}-${quoteCcy}`, baseCcy, quoteCcy, lotSz, lever },
  ...{ minSz: "0.00001", tickSz: lotSz === "1" ? "0.000000001" : "0.1", state: "live" },
  ...{ ruleType: "normal", ctVal: "", ctMult: "", settleCcy: "", uly: "", expTime: "" },
});

/** Two quotes of one coin, one that is never lent, one without a swap, and dollars themselves. */
const SPOT: readonly Row[] = [
  spot("BTC", "USDC", "0.00000001", "10"),
  spot("BTC", "USDT", "0.00000001", "10"),
  spot("PEPE", "USDT", "1", ""),
  spot("RARE", "USDT", "0.01", ""),
  spot("USDC", "USDT", "0.01", "10"),
];
