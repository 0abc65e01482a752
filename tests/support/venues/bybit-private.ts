import { minOf, sum, ZERO } from "#src/core/decimal.ts";
import type { FundingPayment } from "#src/core/funding.ts";
import type { Instrument } from "#src/core/instrument.ts";
import type { Fill } from "#src/core/order.ts";
import {
  equityOf,
  initialMarginOf,
  liquidationOf,
  maintenanceOf,
} from "#src/venues/paper/paper-account.ts";
import type { PaperOrder } from "#src/venues/paper/paper-records.ts";
import {
  type BybitQuery,
  type BybitRow,
  type BybitWorld,
  bybitError,
  bybitPage,
  bybitReply,
  toQty,
  toQuote,
} from "./bybit-world.ts";

type Answer = (world: BybitWorld, query: BybitQuery) => Response;

const WEEK_MS = 7 * 86_400_000;

/** What the account's owner may ask of the simulated Bybit. */
export const BYBIT_PRIVATE: Readonly<Record<string, Answer>> = {
  "/v5/account/wallet-balance": (world) => bybitReply(world, { list: [walletRow(world)] }),
  "/v5/account/info": (world) =>
    bybitReply(world, { unifiedMarginStatus: 6, marginMode: "REGULAR_MARGIN", dcpStatus: "OFF" }),
  "/v5/account/fee-rate"(world, query) {
    const one = world.engine.market.require(query["symbol"] ?? "");
    const [takerFeeRate, makerFeeRate] = [one.takerFeeRate.toFixed(), one.makerFeeRate.toFixed()];
    return bybitReply(world, { list: [{ symbol: one.symbol, takerFeeRate, makerFeeRate }] });
  },
  "/v5/user/query-api": (world) =>
    bybitReply(world, {
      id: "16651472",
      readOnly: 0,
      permissions: world.permissions,
      ips: ["*"],
      uta: 1,
      userID: 53888001,
    }),
  "/v5/position/list"(world, query) {
    const { symbol, settleCoin } = query;
    if (!symbol && !settleCoin) return bybitError(world, 10001, "params error: settleCoin");
    const held = positionRows(world);
    if (symbol) {
      const found = held.filter((one) => one["symbol"] === symbol);
      return bybitPage(world, found.length > 0 ? found : [flatRow(world, symbol)], query);
    }
    return bybitPage(world, held.filter(settledIn(world, settleCoin)), query);
  },
  "/v5/order/realtime"(world, query) {
    if (query["orderId"] || query["orderLinkId"])
      return bybitPage(world, named(world, query), query);
    const open = world.engine.openOrders().map((order) => orderRow(world, order));
    const { symbol, settleCoin } = query;
    if (!symbol && !settleCoin) return bybitError(world, 10001, "params error: settleCoin");
    const wanted = symbol
      ? open.filter((one) => one["symbol"] === symbol)
      : open.filter(settledIn(world, settleCoin));
    return bybitPage(world, wanted, query);
  },
  "/v5/order/history": (world, query) => bybitPage(world, named(world, query), query),
  "/v5/execution/list"(world, query) {
    const { fills, payments } = world.engine.state;
    const all = [
      ...fills.map((fill) => executionRow(world, fill)),
      ...payments.map((payment) => fundingRow(world, payment)),
    ];
    const { orderId } = query;
    if (orderId) {
      const wanted = all.filter((one) => one["orderId"] === orderId);
      return bybitPage(world, wanted, query, 50);
    }
    return inWindow(world, all, query, "execTime");
  },
  "/v5/account/transaction-log"(world, query) {
    const { payments } = world.engine.state;
    const isAsked = query["type"] === "SETTLEMENT";
    const all = isAsked ? payments.map((payment) => settlementRow(world, payment)) : [];
    return inWindow(world, all, query, "transactionTime");
  },
};

/** The venue's rule for the past: seven days at most, newest first. */
function inWindow(
  world: BybitWorld,
  all: readonly BybitRow[],
  query: BybitQuery,
  key: string,
): Response {
  const start = Number(query["startTime"] ?? world.clock.wallNow() - WEEK_MS);
  const end = Number(query["endTime"] ?? start + WEEK_MS);
  if (end - start > WEEK_MS || end < start)
    return bybitError(world, 10001, "time range is invalid");
  const inside = all.filter((one) => Number(one[key]) >= start && Number(one[key]) <= end);
  const newestFirst = inside.toSorted((a, b) => Number(b[key]) - Number(a[key]));
  return bybitPage(world, newestFirst, query, 50);
}

function walletRow({ engine, clock }: BybitWorld): BybitRow {
  const exposures = engine.exposures(clock.marketNow());
  const equity = equityOf(engine.state.account, exposures);
  const initial = initialMarginOf(exposures, engine.leverage);
  const unrealised = sum(
    exposures.map((one) => {
      const entry = engine.state.account.positions.get(one.instrument.symbol)?.entryPrice;
      return one.sizeBase.times(one.mark.minus(entry ?? one.mark));
    }),
  );
  return {
    accountType: "UNIFIED",
    totalEquity: equity.toFixed(),
    totalWalletBalance: equity.minus(unrealised).toFixed(),
    totalMarginBalance: equity.toFixed(),
    totalAvailableBalance: (equity.lt(initial) ? ZERO : equity.minus(initial)).toFixed(),
    totalPerpUPL: unrealised.toFixed(),
    totalInitialMargin: initial.toFixed(),
    totalMaintenanceMargin: maintenanceOf(exposures).toFixed(),
    coin: [],
  };
}

export function positionRows(world: BybitWorld): readonly BybitRow[] {
  const { engine, clock } = world;
  const exposures = engine.exposures(clock.marketNow());
  const { account } = engine.state;
  return exposures
    .filter((one) => !one.sizeBase.eq(ZERO))
    .map((one) => {
      const { instrument, sizeBase, mark } = one;
      const entry = account.positions.get(instrument.symbol)?.entryPrice;
      const liquidation = liquidationOf(account, exposures, one);
      return {
        ...{ positionIdx: 0, symbol: instrument.symbol, tradeMode: 0, positionStatus: "Normal" },
        side: sizeBase.gt(ZERO) ? "Buy" : "Sell",
        size: toQty(instrument, sizeBase.abs()),
        avgPrice: entry ? toQuote(instrument, entry) : "",
        positionValue: sizeBase.abs().times(mark).toFixed(),
        leverage: leverageOf(world, instrument),
        markPrice: toQuote(instrument, mark),
        liqPrice: liquidation ? toQuote(instrument, liquidation) : "",
        ...{ isReduceOnly: false, seq: 4688002127, updatedTime: String(clock.wallNow()) },
      };
    });
}

function flatRow(world: BybitWorld, symbol: string): BybitRow {
  const leverage = leverageOf(world, world.engine.market.require(symbol));
  return {
    ...{ positionIdx: 0, symbol, side: "", size: "0", avgPrice: "0", markPrice: "", liqPrice: "" },
    ...{ leverage, isReduceOnly: false },
  };
}

export function leverageOf({ engine, leverages }: BybitWorld, one: Instrument): string {
  return leverages.get(one.symbol) ?? minOf(engine.leverage, one.maxLeverage).toFixed();
}

function settledIn({ engine }: BybitWorld, coin: string | undefined) {
  return (row: BybitRow) => engine.market.require(String(row["symbol"])).settleCurrency === coin;
}

function named(world: BybitWorld, query: BybitQuery): readonly BybitRow[] {
  const { orderId, orderLinkId } = query;
  const bounced = [...world.bounced.values()];
  const all = [...world.engine.state.orders.values()].map((order) => orderRow(world, order));
  return [...all, ...bounced].filter((one) =>
    orderId ? one["orderId"] === orderId : one["orderLinkId"] === orderLinkId,
  );
}

const STATUSES = { open: "New", filled: "Filled", cancelled: "Cancelled" } as const;
const FORCES = { ioc: "IOC", gtc: "GTC", postOnly: "PostOnly" } as const;

export function orderRow({ engine }: BybitWorld, { report, request }: PaperOrder): BybitRow {
  const instrument = engine.market.require(report.symbol);
  const partly = report.status === "open" && report.filledBase.gt(ZERO);
  return {
    orderId: report.venueOrderId,
    orderLinkId: report.clientOrderId,
    symbol: report.symbol,
    price: toQuote(instrument, request.limitPrice),
    qty: toQty(instrument, report.sizeBase),
    side: report.side === "buy" ? "Buy" : "Sell",
    positionIdx: 0,
    orderStatus: partly ? "PartiallyFilled" : STATUSES[report.status],
    rejectReason: "EC_NoError",
    cumExecQty: toQty(instrument, report.filledBase),
    timeInForce: FORCES[request.timeInForce],
    orderType: "Limit",
    reduceOnly: report.reduceOnly,
  };
}

const EXEC_TYPES = { order: "Trade", liquidation: "BustTrade", deleveraging: "AdlTrade" } as const;

export function executionRow({ engine }: BybitWorld, fill: Fill): BybitRow {
  const instrument = engine.market.require(fill.symbol);
  const { report } = engine.state.orders.get(fill.clientOrderId) ?? {};
  return {
    symbol: fill.symbol,
    orderId: report?.venueOrderId ?? `forced-${fill.tradeId}`,
    orderLinkId: report ? fill.clientOrderId : "",
    side: fill.side === "buy" ? "Buy" : "Sell",
    execId: fill.tradeId,
    execType: EXEC_TYPES[fill.cause],
    createType: report ? "CreateByUser" : "CreateByLiq",
    execPrice: toQuote(instrument, fill.price),
    execQty: toQty(instrument, fill.sizeBase),
    execFee: fill.feeUsd.toFixed(),
    execTime: String(fill.filledAt),
    feeCurrency: "",
    isMaker: fill.liquidity === "maker",
    seq: 4688002127,
  };
}

/** Settlements are executions too: what was paid is positive here. */
function fundingRow({ engine }: BybitWorld, payment: FundingPayment): BybitRow {
  const mark = engine.market.mark(payment.symbol, payment.fundingAt);
  return {
    ...{ symbol: payment.symbol, orderId: `funding-${payment.fundingAt}`, orderLinkId: "" },
    ...{ side: "Buy", execType: "Funding", execId: `exec-${payment.paymentId}`, execQty: "1" },
    execPrice: toQuote(engine.market.require(payment.symbol), mark),
    execFee: payment.amountUsd.neg().toFixed(),
    execTime: String(payment.fundingAt),
    ...{ feeCurrency: "", isMaker: false },
  };
}

function settlementRow({ engine }: BybitWorld, payment: FundingPayment): BybitRow {
  const { symbol, amountUsd, rate, fundingAt } = payment;
  // Who received at a positive rate was short.
  const short = amountUsd.gt(ZERO) === rate.gt(ZERO);
  const currency = engine.market.require(symbol).settleCurrency;
  return {
    ...{ id: `592324_${symbol}_161440249321`, symbol, category: "linear", currency },
    ...{ type: "SETTLEMENT", cashFlow: "0", fee: "0.00000000", orderLinkId: "" },
    side: short ? "Sell" : "Buy",
    funding: amountUsd.toFixed(),
    change: amountUsd.toFixed(),
    transactionTime: String(fundingAt),
    feeRate: (short ? rate.neg() : rate).toFixed(),
    tradeId: payment.paymentId,
  };
}
