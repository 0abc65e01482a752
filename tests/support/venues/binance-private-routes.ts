import { dec, minOf, parseDecimal, ZERO } from "#src/core/decimal.ts";
import { maintenanceMargin } from "#src/core/figures/margin.ts";
import type { Instrument } from "#src/core/instrument.ts";
import type { OrderOutcome } from "#src/core/order.ts";
import { baseSize, price } from "#src/core/units.ts";
import {
  equityOf,
  initialMarginOf,
  liquidationOf,
  maintenanceOf,
} from "#src/venues/paper/paper-account.ts";
import type { PaperOrder } from "#src/venues/paper/paper-records.ts";
import {
  type BinanceAnswer,
  type BinanceDesk,
  type BinanceRoutes,
  cutList,
  findOrder,
  instrumentOf,
  NO_SYMBOL,
  numberOf,
  ok,
  orderNumberOf,
  orderOfFill,
  refusal,
  wirePrice,
  wireQuantity,
} from "./binance-desk.ts";

const WEEK_MS = 7 * 86_400_000;
const TIMES_IN_FORCE = { IOC: "ioc", GTC: "gtc", GTX: "postOnly" } as const;
const CODES: Readonly<Record<string, readonly [code: number, msg: string]>> = {
  INSUFFICIENT_MARGIN: [-2019, "Margin is insufficient."],
  BELOW_MIN_NOTIONAL: [
    -4164,
    "Order's notional must be no smaller than 5 (unless you choose reduce only).",
  ],
  BELOW_MIN_SIZE: [-4003, "Quantity less than or equal to zero."],
  OFF_LOT: [-1111, "Precision is over the maximum defined for this asset."],
  OFF_TICK: [-4014, "Price not increased by tick size."],
  WOULD_TAKE: [
    -5022,
    "Due to the order could not be executed as maker, the Post Only order will be rejected.",
  ],
  REDUCE_ONLY_WOULD_INCREASE: [-2022, "ReduceOnly Order is rejected."],
  EXPIRED: [-5028, "Timestamp for this request is outside of the ME recvWindow."],
  MARKET_UNAVAILABLE: [-1121, "Invalid symbol."],
  DUPLICATE_CLIENT_ORDER_ID: [-4116, "ClientOrderId is duplicated."],
};

/** What Binance answers to the owner of the key. */
export const BINANCE_PRIVATE_ROUTES: BinanceRoutes = {
  "POST /fapi/v1/order": place,
  "GET /fapi/v1/order": (desk, params) => {
    desk.engine.settle();
    const order = findOrder(desk, params);
    if (order) return ok(orderRow(desk, order));
    return forcedOrder(desk, params) ?? refusal(-2013, "Order does not exist.");
  },
  "DELETE /fapi/v1/order": (desk, params) => {
    desk.engine.settle();
    const order = findOrder(desk, params);
    if (order?.report.status !== "open") return refusal(-2011, "Unknown order sent.");
    return done(desk, desk.engine.cancel(order.request.symbol, order.request.clientOrderId));
  },
  "DELETE /fapi/v1/allOpenOrders": (desk, params) => {
    desk.engine.cancelAll(params.get("symbol") ?? "");
    return ok({ code: 200, msg: "The operation of cancel all open order is done." });
  },
  "GET /fapi/v1/openOrders": (desk, params) => {
    desk.engine.settle();
    const symbol = params.get("symbol");
    const open = desk.engine.openOrders();
    return ok(
      open
        .filter(({ request }) => symbol === null || request.symbol === symbol)
        .map((order) => orderRow(desk, order)),
    );
  },
  "GET /fapi/v1/userTrades": trades,
  "GET /fapi/v1/income": income,
  "GET /fapi/v3/account": account,
  "GET /fapi/v3/balance": (desk) => ok([{ accountAlias: "SgsR", asset: "USDT", ...totals(desk) }]),
  "GET /fapi/v3/positionRisk": (desk) => ok(positions(desk)),
  "GET /fapi/v1/accountConfig": ({ settings }) => {
    const { canTrade, dualSidePosition, multiAssetsMargin } = settings;
    const rest = { feeTier: 0, canDeposit: true, canWithdraw: true, tradeGroupId: -1 };
    return ok({ ...rest, canTrade, dualSidePosition, multiAssetsMargin });
  },
  "GET /fapi/v1/symbolConfig": (desk, params) => {
    const instrument = instrumentOf(desk, params);
    if (!instrument) return NO_SYMBOL;
    const usual = Number(minOf(desk.engine.leverage, instrument.maxLeverage).toFixed());
    const leverage = desk.settings.leverages.get(instrument.symbol) ?? usual;
    const marginType = desk.settings.isolated ? "ISOLATED" : "CROSSED";
    const rest = { isAutoAddMargin: "false", maxNotionalValue: "1000000" };
    return ok([{ symbol: instrument.symbol, marginType, leverage, ...rest }]);
  },
  "POST /fapi/v1/leverage": (desk, params) => {
    const instrument = instrumentOf(desk, params);
    if (!instrument) return NO_SYMBOL;
    const leverage = Number(params.get("leverage"));
    if (!(leverage >= 1 && instrument.maxLeverage.gte(`${leverage}`))) {
      return refusal(-4028, `Leverage ${leverage} is not valid`);
    }
    desk.settings.leverages.set(instrument.symbol, leverage);
    return ok({ symbol: instrument.symbol, leverage, maxNotionalValue: "1000000" });
  },
  "GET /fapi/v1/commissionRate": (desk, params) => {
    const instrument = instrumentOf(desk, params);
    if (!instrument) return NO_SYMBOL;
    const { symbol, makerFeeRate, takerFeeRate } = instrument;
    const makerCommissionRate = makerFeeRate.toFixed();
    return ok({ symbol, makerCommissionRate, takerCommissionRate: takerFeeRate.toFixed() });
  },
  "GET /fapi/v1/leverageBracket": ({ engine }) => ok(engine.market.instruments.map(brackets)),
  "GET /sapi/v1/account/apiRestrictions": ({ settings }) => {
    const { enableWithdrawals, enableFutures } = settings;
    const rest = { ipRestrict: true, enableReading: true, enableInternalTransfer: false };
    return ok({ ...rest, enableWithdrawals, enableFutures });
  },
};

function place(desk: BinanceDesk, params: URLSearchParams): BinanceAnswer {
  const instrument = instrumentOf(desk, params);
  if (!instrument) return NO_SYMBOL;
  const quantity = parseDecimal(params.get("quantity") ?? "");
  const quoted = parseDecimal(params.get("price") ?? "");
  const timeInForce = Object.entries(TIMES_IN_FORCE).find(
    ([wire]) => wire === params.get("timeInForce"),
  )?.[1];
  if (params.get("type") !== "LIMIT" || !timeInForce || !quantity || !quoted?.gt(ZERO)) {
    return refusal(-1102, "Mandatory parameter was not sent, was empty/null, or malformed.");
  }
  const clientOrderId = params.get("newClientOrderId") ?? "";
  if (!/^[.A-Z:/a-z0-9_-]{1,36}$/.test(clientOrderId)) {
    return refusal(-4015, "Client order id is not valid.");
  }
  const outcome = desk.engine.place({
    ...{ venue: desk.venue, symbol: instrument.symbol, clientOrderId, timeInForce },
    side: params.get("side") === "BUY" ? "buy" : "sell",
    sizeBase: baseSize(quantity.times(instrument.contractSizeBase)),
    limitPrice: price(quoted.div(instrument.contractSizeBase)),
    reduceOnly: params.get("reduceOnly") === "true",
    // The window says how long the request may travel; it takes nothing off the book.
    expiresAt: Number.MAX_SAFE_INTEGER,
  });
  if (outcome.kind === "ack") desk.placedAt.set(clientOrderId, desk.clock.marketNow());
  return done(desk, outcome);
}

function done(desk: BinanceDesk, outcome: OrderOutcome): BinanceAnswer {
  if (outcome.kind === "ack") {
    const order = desk.engine.state.orders.get(outcome.order.clientOrderId);
    return order ? ok(orderRow(desk, order)) : refusal(-1000, "An unknown error occurred.", 500);
  }
  const [code, msg] = (outcome.kind === "refused" && CODES[outcome.code]) || [-1000, "unknown"];
  return refusal(code, msg);
}

function orderRow({ engine, clock, placedAt }: BinanceDesk, { report, request }: PaperOrder) {
  const instrument = engine.market.require(request.symbol);
  const isCut = report.status === "cancelled";
  const restsAs = report.filledBase.eq(ZERO) ? "NEW" : "PARTIALLY_FILLED";
  const wire = Object.entries(TIMES_IN_FORCE).find(([, own]) => own === request.timeInForce);
  return {
    ...{ orderId: orderNumberOf(report.venueOrderId), symbol: request.symbol },
    clientOrderId: request.clientOrderId,
    status: isCut ? cutStatus(request) : report.status === "filled" ? "FILLED" : restsAs,
    price: wirePrice(instrument, request.limitPrice),
    origQty: wireQuantity(instrument, report.sizeBase),
    executedQty: wireQuantity(instrument, report.filledBase),
    ...{ timeInForce: wire?.[0], type: "LIMIT", origType: "LIMIT", positionSide: "BOTH" },
    ...{ side: request.side.toUpperCase(), reduceOnly: request.reduceOnly },
    ...{ closePosition: false, stopPrice: "0", goodTillDate: 0 },
    ...{ time: placedAt.get(request.clientOrderId), updateTime: clock.marketNow() },
  };
}

function cutStatus({ timeInForce }: PaperOrder["request"]): string {
  return timeInForce === "ioc" ? "EXPIRED" : "CANCELED";
}

function forcedOrder(desk: BinanceDesk, params: URLSearchParams): BinanceAnswer | null {
  const forced = desk.engine.state.fills.filter(({ cause }) => cause !== "order");
  const fill = forced.find((one) => orderOfFill(desk, one).orderId === params.get("orderId"));
  if (!fill) return null;
  const quantity = wireQuantity(desk.engine.market.require(fill.symbol), fill.sizeBase);
  return ok({
    ...orderOfFill(desk, fill),
    ...{ symbol: fill.symbol, side: fill.side.toUpperCase(), status: "FILLED" },
    ...{ origQty: quantity, executedQty: quantity, reduceOnly: false, timeInForce: "IOC" },
  });
}

function trades(desk: BinanceDesk, params: URLSearchParams): BinanceAnswer {
  desk.engine.settle();
  const instrument = instrumentOf(desk, params);
  if (!instrument) return NO_SYMBOL;
  const stretch = Number(params.get("endTime") ?? "0") - Number(params.get("startTime") ?? "0");
  if (stretch > WEEK_MS)
    return refusal(-1127, "More than 168 hours between startTime and endTime.");
  const { feeAsset, feePrice } = desk.settings;
  const own = desk.engine.state.fills
    .filter(({ symbol }) => symbol === instrument.symbol)
    .map((fill) => ({
      ...{ symbol: fill.symbol, id: Number(numberOf(fill.tradeId)), positionSide: "BOTH" },
      ...{ orderId: orderOfFill(desk, fill).orderId, side: fill.side.toUpperCase() },
      ...{ price: wirePrice(instrument, fill.price), qty: wireQuantity(instrument, fill.sizeBase) },
      commission: (feeAsset ? fill.feeUsd.div(feePrice) : fill.feeUsd).toFixed(),
      commissionAsset: feeAsset ?? instrument.settleCurrency,
      ...{ time: fill.filledAt, buyer: fill.side === "buy", maker: fill.liquidity === "maker" },
    }));
  const orderId = params.get("orderId");
  const all = withTail(desk, "/fapi/v1/userTrades", own).filter(
    (one) => orderId === null || one["orderId"] === orderId,
  );
  return ok(
    cutList(all, params, { usual: 500, most: 1000, stretchMs: WEEK_MS }, desk.clock.wallNow()),
  );
}

function income(desk: BinanceDesk, params: URLSearchParams): BinanceAnswer {
  desk.engine.settle();
  const { fills, payments } = desk.engine.state;
  const asset = "USDT";
  const own = [
    ...fills.map(({ symbol, feeUsd, filledAt, tradeId }) => ({
      ...{ symbol, incomeType: "COMMISSION", income: feeUsd.neg().toFixed(), asset },
      ...{ time: filledAt, tranId: Number(numberOf(tradeId)), tradeId: numberOf(tradeId) },
    })),
    ...payments.map(({ symbol, amountUsd, fundingAt }, index) => ({
      ...{ symbol, incomeType: "FUNDING_FEE", income: amountUsd.toFixed(), asset },
      ...{ time: fundingAt, tranId: 9_689_322_392 + index, tradeId: "" },
    })),
    { symbol: "", incomeType: "TRANSFER", income: "5", asset, time: 1, tranId: 1, tradeId: "" },
  ];
  const type = params.get("incomeType");
  const all = withTail(desk, "/fapi/v1/income", own).filter(
    (one) => type === null || one["incomeType"] === type,
  );
  return ok(cutList(all, params, { usual: 100, most: 1000 }));
}

function account(desk: BinanceDesk): BinanceAnswer {
  return ok({ ...totals(desk), assets: [], positions: positions(desk) });
}

function totals({ engine }: BinanceDesk) {
  const exposures = engine.exposures(engine.settle());
  const equity = equityOf(engine.state.account, exposures);
  const initial = initialMarginOf(exposures, engine.leverage);
  const free = equity.minus(initial);
  return {
    totalMarginBalance: equity.toFixed(),
    totalInitialMargin: initial.toFixed(),
    totalMaintMargin: maintenanceOf(exposures).toFixed(),
    availableBalance: (free.lt(ZERO) ? ZERO : free).toFixed(),
  };
}

function positions({ engine }: BinanceDesk) {
  const exposures = engine.exposures(engine.settle());
  return exposures.map((one) => {
    const { instrument } = one;
    const entry = engine.state.account.positions.get(instrument.symbol)?.entryPrice ?? ZERO;
    const liquidation = liquidationOf(engine.state.account, exposures, one) ?? ZERO;
    return {
      ...{
        symbol: instrument.symbol,
        positionSide: "BOTH",
        marginAsset: instrument.settleCurrency,
      },
      positionAmt: wireQuantity(instrument, one.sizeBase),
      entryPrice: wirePrice(instrument, entry),
      markPrice: wirePrice(instrument, one.mark),
      liquidationPrice: wirePrice(instrument, one.sizeBase.eq(ZERO) ? ZERO : liquidation),
    };
  });
}

function brackets({ symbol, maxLeverage, maintenanceRate, maintenanceTiers }: Instrument) {
  const flat = [{ lowerUsd: ZERO, rate: maintenanceRate }];
  const tiers = maintenanceTiers?.by === "notional" ? maintenanceTiers.tiers : flat;
  const list = tiers.map(({ lowerUsd, rate }, index) => ({
    ...{ bracket: index + 1, initialLeverage: Number(maxLeverage.toFixed()) },
    notionalCap: Number((tiers[index + 1]?.lowerUsd ?? dec("50000000")).toFixed()),
    notionalFloor: Number(lowerUsd.toFixed()),
    maintMarginRatio: Number(rate.toFixed()),
    cum: Number(maintenanceMargin(lowerUsd, tiers).deduction.toFixed()),
  }));
  return { symbol, brackets: list };
}

function withTail(
  { tails }: BinanceDesk,
  path: string,
  own: readonly (Record<string, unknown> & { readonly time: number })[],
): readonly (Record<string, unknown> & { readonly time: number })[] {
  const more = (tails.get(path) ?? []).map((one) => ({ ...one, time: Number(one["time"]) }));
  return [...own, ...more];
}
