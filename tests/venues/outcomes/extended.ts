import type { OutcomeRow } from "./outcome-row.ts";

const error = (code: number, message: string) =>
  JSON.stringify({ status: "ERROR", error: { code, message, debugInfo: "" } });

/** Replies to POST /api/v1/user/order. Codes are those of the venue's API documents. */
export const extendedOutcomes: readonly OutcomeRow[] = [
  {
    name: "its number and ours",
    status: 200,
    body: JSON.stringify({ status: "OK", data: { id: "2051479786538188800", externalId: "x" } }),
    expect: "ACK",
  },
  {
    name: "a number too long for JavaScript",
    status: 200,
    body: '{"status":"OK","data":{"id":2051479786538188801,"externalId":"x"}}',
    expect: "ACK",
  },
  {
    name: "more than the balance",
    status: 400,
    body: error(1140, "New order cost exceeds available balance"),
    ...{ expect: "REFUSED", code: "INSUFFICIENT_MARGIN" },
  },
  {
    name: "a refusal with HTTP 200",
    status: 200,
    body: error(1140, "New order cost exceeds available balance"),
    ...{ expect: "REFUSED", code: "INSUFFICIENT_MARGIN" },
  },
  {
    name: "below the least size",
    status: 400,
    body: error(1120, "Order quantity less than min trade size"),
    ...{ expect: "REFUSED", code: "BELOW_MIN_SIZE" },
  },
  {
    name: "off the size grid",
    status: 400,
    body: error(1121, "Invalid quantity due to the wrong size increment"),
    ...{ expect: "REFUSED", code: "OFF_LOT" },
  },
  {
    name: "off the price grid",
    status: 400,
    body: error(1125, "Invalid price precision"),
    ...{ expect: "REFUSED", code: "OFF_TICK" },
  },
  {
    name: "a reduce-only order without a position",
    status: 400,
    body: error(1137, "Position is missing for a reduce-only order"),
    ...{ expect: "REFUSED", code: "REDUCE_ONLY_WOULD_INCREASE" },
  },
  {
    name: "an id that was used before",
    status: 400,
    body: error(1134, "Duplicate Order"),
    ...{ expect: "REFUSED", code: "DUPLICATE_CLIENT_ORDER_ID" },
  },
  {
    name: "a time that is up",
    status: 400,
    body: error(1135, "Order expiration date must be within 90 days"),
    ...{ expect: "REFUSED", code: "EXPIRED" },
  },
  {
    name: "a signature that is not the account's",
    status: 400,
    body: error(1101, "Invalid Starknet signature"),
    ...{ expect: "REFUSED", code: "UNAUTHORISED" },
  },
  {
    name: "no such API key",
    status: 401,
    body: "",
    ...{ expect: "REFUSED", code: "UNAUTHORISED" },
  },
  {
    name: "a market that is closed",
    status: 400,
    body: error(1002, "Market is disabled"),
    ...{ expect: "REFUSED", code: "MARKET_UNAVAILABLE" },
  },
  {
    name: "a market that may only be reduced",
    status: 400,
    body: error(1014, "Market is in reduce only mode"),
    ...{ expect: "REFUSED", code: "MARKET_UNAVAILABLE" },
  },
  {
    name: "too many requests",
    status: 429,
    body: error(429, "Too many requests"),
    ...{ expect: "REFUSED", code: "RATE_LIMITED" },
  },
  {
    name: "an application error, which ccxt takes for a refusal",
    status: 500,
    body: error(1006, "Application error"),
    expect: "UNKNOWN",
  },
  {
    name: "an application error with HTTP 400",
    status: 400,
    body: error(1006, "Application error"),
    expect: "UNKNOWN",
  },
  {
    name: "maintenance",
    status: 503,
    body: error(1010, "Maintenance mode"),
    expect: "UNKNOWN",
  },
  {
    name: "a code that we do not know",
    status: 400,
    body: error(9999, "Something new"),
    expect: "UNKNOWN",
  },
  { name: "an error without a code", status: 400, body: '{"status":"ERROR"}', expect: "UNKNOWN" },
  {
    name: "success without a number",
    status: 200,
    body: '{"status":"OK","data":{}}',
    expect: "UNKNOWN",
  },
  { name: "success with nothing", status: 200, body: '{"status":"OK"}', expect: "UNKNOWN" },
  { name: "HTML with HTTP 200", status: 200, body: "<html>hello</html>", expect: "UNKNOWN" },
  { name: "nothing at all", status: 200, body: "", expect: "UNKNOWN" },
  { name: "half of an answer", status: 200, body: '{"status":"OK","da', expect: "UNKNOWN" },
  { name: "a firewall", status: 403, body: "<html>403 Forbidden</html>", expect: "UNKNOWN" },
  { name: "a bad gateway", status: 502, body: "<html>502</html>", expect: "UNKNOWN" },
  { name: "a gateway that waited in vain", status: 504, body: "", expect: "UNKNOWN" },
  {
    name: "a refusal's code in a gateway's words",
    status: 503,
    body: '{"message":"1140"}',
    expect: "UNKNOWN",
  },
];
