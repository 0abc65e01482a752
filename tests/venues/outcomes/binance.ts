import type { RefusalCode } from "#src/core/order.ts";
import type { OutcomeRow } from "./outcome-row.ts";

const ORDER = {
  ...{ orderId: 22_542_179, symbol: "BTCUSDT", side: "BUY", type: "LIMIT", timeInForce: "IOC" },
  ...{
    status: "FILLED",
    origQty: "0.002",
    executedQty: "0.002",
    price: "60000",
    avgPrice: "59990",
  },
  ...{ reduceOnly: false, positionSide: "BOTH", updateTime: 1_770_000_000_000 },
};

function ack(name: string, over: Readonly<Record<string, unknown>>): OutcomeRow {
  return { name, status: 200, body: JSON.stringify({ ...ORDER, ...over }), expect: "ACK" };
}

function refused(code: number, msg: string, means: RefusalCode, status = 400): OutcomeRow {
  const name = `refuses with ${code}, ${msg}`;
  return { name, status, body: JSON.stringify({ code, msg }), expect: "REFUSED", code: means };
}

function unknown(name: string, status: number, body: string): OutcomeRow {
  return { name, status, body, expect: "UNKNOWN" };
}

function unknownCode(status: number, code: number, msg: string): OutcomeRow {
  return unknown(`proves nothing with ${status} ${code}`, status, JSON.stringify({ code, msg }));
}

const HTML = "<html><head><title>Bad gateway</title></head><body>cloudfront</body></html>";

/** Binance's replies to a new order. */
export const binanceOutcomes: readonly OutcomeRow[] = [
  ack("fills it", {}),
  ack("fills a part of it and cuts the rest", { status: "EXPIRED", executedQty: "0.001" }),
  ack("cuts all of it", { status: "EXPIRED", executedQty: "0.000" }),
  ack("took it, and does not say yet what it filled", { status: "NEW", executedQty: "0.000" }),
  ack("has a number beyond 2^53", { orderId: "8389765000000000123" }),
  refused(-2019, "Margin is insufficient.", "INSUFFICIENT_MARGIN"),
  refused(
    -2027,
    "Exceeded the maximum allowable position at current leverage.",
    "INSUFFICIENT_MARGIN",
  ),
  refused(-2022, "ReduceOnly Order is rejected.", "REDUCE_ONLY_WOULD_INCREASE"),
  refused(
    -4118,
    "ReduceOnly Order Failed. Please check your existing position and open orders",
    "REDUCE_ONLY_WOULD_INCREASE",
  ),
  refused(
    -4164,
    "Order's notional must be no smaller than 100 (unless you choose reduce only).",
    "BELOW_MIN_NOTIONAL",
  ),
  refused(-4003, "Quantity less than or equal to zero.", "BELOW_MIN_SIZE"),
  refused(-1013, "Invalid quantity.", "BELOW_MIN_SIZE"),
  refused(-1111, "Precision is over the maximum defined for this asset.", "OFF_LOT"),
  refused(-4023, "Qty not increased by step size.", "OFF_LOT"),
  refused(-4014, "Price not increased by tick size.", "OFF_TICK"),
  refused(
    -5022,
    "Due to the order could not be executed as maker, the Post Only order will be rejected.",
    "WOULD_TAKE",
  ),
  refused(-1021, "Timestamp for this request is outside of the recvWindow.", "EXPIRED"),
  refused(-5028, "Timestamp for this request is outside of the ME recvWindow.", "EXPIRED"),
  refused(-1121, "Invalid symbol.", "MARKET_UNAVAILABLE"),
  refused(-1122, "Invalid symbol status.", "MARKET_UNAVAILABLE"),
  refused(-4140, "Invalid symbol status for opening position", "MARKET_UNAVAILABLE"),
  refused(-4061, "Order's position side does not match user's setting.", "MARKET_UNAVAILABLE"),
  refused(-4116, "ClientOrderId is duplicated.", "DUPLICATE_CLIENT_ORDER_ID"),
  refused(-2014, "API-key format invalid.", "UNAUTHORISED", 401),
  refused(-2015, "Invalid API-key, IP, or permissions for action.", "UNAUTHORISED", 401),
  refused(-1022, "Signature for this request is not valid.", "UNAUTHORISED"),
  refused(
    -1003,
    "Too many requests; current limit of IP(1.2.3.4) is 2400 requests per minute.",
    "RATE_LIMITED",
    429,
  ),
  refused(
    -1003,
    "Way too many requests; IP(1.2.3.4) banned until 1770000000000.",
    "RATE_LIMITED",
    418,
  ),
  refused(
    -1015,
    "Too many new orders; current limit is 300 orders per TEN_SECONDS.",
    "RATE_LIMITED",
    429,
  ),
  {
    name: "limits the rate without JSON",
    status: 429,
    body: HTML,
    expect: "REFUSED",
    code: "RATE_LIMITED",
  },
  // Refusals in an HTTP 200 are refusals all the same.
  refused(-2019, "Margin is insufficient. (in an HTTP 200)", "INSUFFICIENT_MARGIN", 200),
  unknownCode(503, -1000, "An unknown error occurred while processing the request."),
  unknownCode(503, -1001, "Internal error; unable to process your request. Please try again."),
  unknownCode(503, -1008, "Request throttled by system-level protection."),
  unknownCode(
    400,
    -1006,
    "An unexpected response was received from the message bus. Execution status unknown.",
  ),
  unknownCode(
    408,
    -1007,
    "Timeout waiting for response from backend server. Send status unknown; execution status unknown.",
  ),
  // What would be proof elsewhere is none beside a status that says "unknown".
  unknownCode(503, -2019, "Margin is insufficient."),
  unknownCode(400, -2010, "Duplicate order sent."),
  unknownCode(400, -2010, "A text that its documents do not list."),
  refused(-2010, "Account has insufficient balance for requested action.", "INSUFFICIENT_MARGIN"),
  refused(-3006, "Your borrow amount has exceed maximum borrow amount.", "INSUFFICIENT_MARGIN"),
  refused(-3045, "The system doesn't have enough asset now.", "MARKET_UNAVAILABLE"),
  unknownCode(400, -3044, "System busy."),
  unknownCode(400, -2020, "Unable to fill."),
  unknownCode(400, -99_999, "A code that nobody has seen."),
  unknown("is cut off by a gateway", 504, HTML),
  unknown("is unavailable", 503, "Service Unavailable."),
  unknown("is stopped by the firewall", 403, HTML),
  unknown("says HTML in an HTTP 200", 200, HTML),
  unknown("says nothing in an HTTP 200", 200, ""),
  unknown("says an empty object in an HTTP 200", 200, "{}"),
  unknown("says a list in an HTTP 200", 200, "[]"),
  unknown("breaks its JSON off", 200, '{"orderId":22542179,"sym'),
  unknown("answers about another order", 200, JSON.stringify({ ...ORDER, clientOrderId: "other" })),
  unknown("invents a status", 200, JSON.stringify({ ...ORDER, status: "PONDERING" })),
];
