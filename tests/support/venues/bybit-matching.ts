import { parseDecimal } from "#src/core/decimal.ts";
import type { OrderRequest, RefusalCode } from "#src/core/order.ts";
import { baseSize, price } from "#src/core/units.ts";
import { leverageOf } from "./bybit-private.ts";
import { type BybitRow, type BybitWorld, bybitError, bybitReply } from "./bybit-world.ts";

type Change = (world: BybitWorld, body: BybitRow, fence: number) => Response;

/** How the venue says what our matching core says. */
const ERRORS: Readonly<Partial<Record<RefusalCode, readonly [number, string]>>> = {
  DUPLICATE_CLIENT_ORDER_ID: [110072, "OrderLinkedID is duplicate"],
  EXPIRED: [10002, "invalid request, please check your server timestamp or recv_window param"],
  INSUFFICIENT_MARGIN: [110007, "ab not enough for new order"],
  REDUCE_ONLY_WOULD_INCREASE: [
    110017,
    "current position is zero, cannot fix reduce-only order qty",
  ],
  BELOW_MIN_NOTIONAL: [110094, "Order does not meet minimum order value 5USDT"],
  OFF_LOT: [10001, "Qty invalid"],
  OFF_TICK: [10001, "The order price is not a multiple of the tick size"],
  BELOW_MIN_SIZE: [10001, "The number of contracts exceeds minimum limit allowed"],
  MARKET_UNAVAILABLE: [10001, "params error: symbol invalid"],
};

const FORCES: Readonly<Record<string, OrderRequest["timeInForce"]>> = {
  IOC: "ioc",
  GTC: "gtc",
  PostOnly: "postOnly",
};

let count = 0;

/** What changes something on the simulated Bybit. */
export const BYBIT_CHANGES: Readonly<Record<string, Change>> = {
  "/v5/position/set-leverage": setLeverage,
  "/v5/order/create"(world, body, fence) {
    const request = orderIn(world, body, fence);
    if (typeof request === "string") return bybitError(world, 10001, request);
    const outcome = world.engine.place(request);
    const { clientOrderId: orderLinkId } = request;
    if (outcome.kind === "ack") {
      return bybitReply(world, { orderId: outcome.order.venueOrderId, orderLinkId });
    }
    const code = outcome.kind === "refused" ? outcome.code : null;
    if (code === "WOULD_TAKE") return bounce(world, body, orderLinkId);
    const [retCode, message] = (code && ERRORS[code]) ?? [10016, "Internal error"];
    return bybitError(world, retCode, message);
  },
  "/v5/order/cancel"(world, body) {
    const orders = [...world.engine.openOrders()];
    const wanted = orders.find(
      ({ report }) =>
        report.venueOrderId === body["orderId"] || report.clientOrderId === body["orderLinkId"],
    );
    if (!wanted || wanted.request.symbol !== body["symbol"]) {
      return bybitError(world, 110001, "order not exists or too late to cancel");
    }
    const { symbol, clientOrderId, venueOrderId } = wanted.report;
    world.engine.cancel(symbol, clientOrderId);
    return bybitReply(world, { orderId: venueOrderId, orderLinkId: clientOrderId });
  },
  "/v5/order/cancel-all"(world, body) {
    const symbol = String(body["symbol"]);
    const open = world.engine.openOrders().filter(({ request }) => request.symbol === symbol);
    world.engine.cancelAll(symbol);
    const list = open.map(({ report }) => ({
      orderId: report.venueOrderId,
      orderLinkId: report.clientOrderId,
    }));
    return bybitReply(world, { list, success: "1" });
  },
};

/** What changes how the account trades. */
function setLeverage(world: BybitWorld, body: BybitRow): Response {
  const instrument = world.engine.market.find(String(body["symbol"]));
  const wanted = digits(body["buyLeverage"]);
  if (!instrument || !wanted || body["buyLeverage"] !== body["sellLeverage"]) {
    return bybitError(world, 10001, "params error: leverage");
  }
  if (wanted.gt(instrument.maxLeverage)) {
    return bybitError(world, 110013, "cannot set leverage gt maxLeverage by risk limit");
  }
  if (wanted.toFixed() === leverageOf(world, instrument)) {
    return bybitError(world, 110043, "leverage not modified");
  }
  world.leverages.set(instrument.symbol, wanted.toFixed());
  return bybitReply(world, {});
}

/** The order in canonical units, or what is wrong with it. */
function orderIn({ engine, venue }: BybitWorld, body: BybitRow, fence: number) {
  const instrument = engine.market.find(String(body["symbol"]));
  const [qty, quote] = [digits(body["qty"]), digits(body["price"])];
  const timeInForce = FORCES[String(body["timeInForce"] ?? "GTC")];
  if (body["category"] !== "linear" || !instrument) return "params error: symbol invalid";
  if (body["orderType"] !== "Limit" || !timeInForce) return "params error: orderType";
  if (!qty || !quote) return "params error: qty and price are strings";
  if (Number(body["positionIdx"] ?? 0) !== 0) return "position idx not match position mode";
  if (body["side"] !== "Buy" && body["side"] !== "Sell") return "params error: side";
  count += 1;
  return {
    ...{ venue, symbol: instrument.symbol, timeInForce, expiresAt: fence },
    clientOrderId: String(body["orderLinkId"] ?? `unnamed${count}`),
    side: body["side"] === "Buy" ? "buy" : "sell",
    sizeBase: baseSize(qty.times(instrument.contractSizeBase)),
    limitPrice: price(quote.div(instrument.contractSizeBase)),
    reduceOnly: body["reduceOnly"] === true,
  } as const;
}

/** The venue takes only text for numbers. */
function digits(value: unknown) {
  return typeof value === "string" ? parseDecimal(value) : null;
}

/** Accepted, and cancelled by the matching engine a moment later. */
function bounce(world: BybitWorld, body: BybitRow, orderLinkId: string): Response {
  const orderId = `bounced-${orderLinkId}`;
  world.bounced.set(orderId, {
    ...{ orderId, orderLinkId, symbol: body["symbol"], side: body["side"], qty: body["qty"] },
    ...{ price: body["price"], cumExecQty: "0", timeInForce: "PostOnly", orderType: "Limit" },
    ...{ orderStatus: "Cancelled", rejectReason: "EC_PostOnlyWillTakeLiquidity" },
    reduceOnly: body["reduceOnly"] === true,
  });
  return bybitReply(world, { orderId, orderLinkId });
}
