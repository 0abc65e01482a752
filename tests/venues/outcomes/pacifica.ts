import type { OutcomeRow } from "./outcome-row.ts";

const error = (code: number | null, words: string, errorId?: string) =>
  JSON.stringify({ success: false, data: null, error: words, code, error_id: errorId });

/** Replies to POST /api/v1/orders/create. Numbers below 200 are its own, others repeat HTTP's. */
export const pacificaOutcomes: readonly OutcomeRow[] = [
  {
    name: "its number",
    status: 200,
    body: JSON.stringify({ success: true, data: { order_id: 12345 }, error: null, code: null }),
    expect: "ACK",
  },
  {
    name: "not enough collateral",
    status: 422,
    body: error(5, "INSUFFICIENT_BALANCE"),
    ...{ expect: "REFUSED", code: "INSUFFICIENT_MARGIN" },
  },
  {
    name: "an order that would be liquidated at once",
    status: 422,
    body: error(28, "IMMEDIATE_LIQUIDATION"),
    ...{ expect: "REFUSED", code: "INSUFFICIENT_MARGIN" },
  },
  {
    name: "below 10 USD, as it was seen live: code 0 with a name",
    status: 422,
    body: error(0, "Order amount too low for 42tr: 7.81140 < 10", "invalid_amount"),
    ...{ expect: "REFUSED", code: "BELOW_MIN_NOTIONAL" },
  },
  {
    name: "below 10 USD by its number",
    status: 422,
    body: error(7, "ORDER_AMOUNT_TOO_LOW"),
    ...{ expect: "REFUSED", code: "BELOW_MIN_NOTIONAL" },
  },
  {
    name: "off the price grid",
    status: 422,
    body: error(4, "INVALID_TICK_LEVEL"),
    ...{ expect: "REFUSED", code: "OFF_TICK" },
  },
  {
    name: "a reduce-only order on the wrong side",
    status: 422,
    body: error(21, "INVALID_REDUCE_ONLY_ORDER_SIDE"),
    ...{ expect: "REFUSED", code: "REDUCE_ONLY_WOULD_INCREASE" },
  },
  {
    name: "a reduce-only order without a position",
    status: 422,
    body: error(23, "NO_POSITION_FOR_REDUCE_ONLY_ORDER"),
    ...{ expect: "REFUSED", code: "REDUCE_ONLY_WOULD_INCREASE" },
  },
  {
    name: "an id that was used before",
    status: 422,
    body: error(36, "DUPLICATE_CLIENT_ORDER_ID"),
    ...{ expect: "REFUSED", code: "DUPLICATE_CLIENT_ORDER_ID" },
  },
  {
    name: "a market that does not trade",
    status: 422,
    body: error(38, "TRADING_DISABLED"),
    ...{ expect: "REFUSED", code: "MARKET_UNAVAILABLE" },
  },
  {
    name: "a message whose time is up",
    status: 400,
    body: error(400, "Invalid message: expired"),
    ...{ expect: "REFUSED", code: "EXPIRED" },
  },
  {
    name: "a signature that is not the signer's",
    status: 400,
    body: error(
      400,
      "Verification failed: signature does not match signer and canonical payload.",
      "signature_verification_failed",
    ),
    ...{ expect: "REFUSED", code: "UNAUTHORISED" },
  },
  {
    name: "an agent that is not the account's",
    status: 400,
    body: error(400, "Agent not authorized for account"),
    ...{ expect: "REFUSED", code: "UNAUTHORISED" },
  },
  {
    name: "no access code",
    status: 403,
    body: error(403, "Beta access required. Signer must redeem a valid beta code."),
    ...{ expect: "REFUSED", code: "UNAUTHORISED" },
  },
  {
    name: "too many requests",
    status: 429,
    body: error(429, "Rate limit exceeded"),
    ...{ expect: "REFUSED", code: "RATE_LIMITED" },
  },
  {
    name: "a database error, which ccxt takes for a refusal",
    status: 422,
    body: error(14, "DATABASE_ERROR"),
    expect: "UNKNOWN",
  },
  {
    name: "a channel that closed on the way to the engine",
    status: 422,
    body: error(26, "CHANNEL_CLOSED"),
    expect: "UNKNOWN",
  },
  {
    name: "an engine's answer that was dropped",
    status: 422,
    body: error(27, "RESPONSE_DROPPED"),
    expect: "UNKNOWN",
  },
  { name: "code 0 without a name", status: 422, body: error(0, "UNKNOWN"), expect: "UNKNOWN" },
  {
    name: "code 0 with a name that says nothing",
    status: 422,
    body: error(0, "UNKNOWN", "unspecified"),
    expect: "UNKNOWN",
  },
  {
    name: "an internal error",
    status: 500,
    body: error(500, "Internal server error"),
    expect: "UNKNOWN",
  },
  {
    name: "a bad request that says no more",
    status: 400,
    body: error(400, "Invalid order parameters"),
    expect: "UNKNOWN",
  },
  { name: "a conflict", status: 409, body: error(409, "Conflict"), expect: "UNKNOWN" },
  {
    name: "a code that we do not know",
    status: 422,
    body: error(199, "SOMETHING_NEW"),
    expect: "UNKNOWN",
  },
  {
    name: "success without a number",
    status: 200,
    body: '{"success":true,"data":{}}',
    expect: "UNKNOWN",
  },
  {
    name: "failure that says nothing, which ccxt does not even throw",
    status: 200,
    body: '{"success":false}',
    expect: "UNKNOWN",
  },
  { name: "HTML with HTTP 200", status: 200, body: "<html>hello</html>", expect: "UNKNOWN" },
  { name: "nothing at all", status: 200, body: "", expect: "UNKNOWN" },
  { name: "a firewall", status: 403, body: "<html>403 Forbidden</html>", expect: "UNKNOWN" },
  {
    name: "a service that is away",
    status: 503,
    body: error(503, "Service Unavailable"),
    expect: "UNKNOWN",
  },
  { name: "a gateway that waited in vain", status: 504, body: "", expect: "UNKNOWN" },
];
