import type { RefusalCode } from "#src/core/order.ts";
import type { OutcomeRow } from "./outcome-row.ts";

const HTML = "<html><head><title>Bad gateway</title></head><body>cloudfront</body></html>";

function failed(errorCode: number, message: string): string {
  return JSON.stringify({ errorCode, message, status: "failed" });
}

function refused(errorCode: number, message: string, means: RefusalCode, status = 400): OutcomeRow {
  const name = `refuses with ${errorCode} in an HTTP ${status}, ${message}`;
  return { name, status, body: failed(errorCode, message), expect: "REFUSED", code: means };
}

function unknown(name: string, status: number, body: string): OutcomeRow {
  return { name, status, body, expect: "UNKNOWN" };
}

function proofless(errorCode: number, message: string, status = 400): OutcomeRow {
  const name = `proves nothing with ${errorCode} in an HTTP ${status}, ${message}`;
  return unknown(name, status, failed(errorCode, message));
}

/** What Hibachi says to a new order. */
export const hibachiOutcomes: readonly OutcomeRow[] = [
  { name: "took it", status: 200, body: '{"orderId":"589636801329628160"}', expect: "ACK" },
  {
    ...{ name: "took it, with a number beyond 2^53", status: 200, expect: "ACK" },
    body: '{"orderId":589636801329628165}',
  },
  {
    ...{ name: "took it, and says the order too", status: 200, expect: "ACK" },
    body: '{"orderId":22222,"symbol":"ETH/USDT-P","quantity":0.01,"side":"BID","nonce":"1"}',
  },
  refused(2, "Invalid signature: Failed to verify signature", "UNAUTHORISED"),
  refused(2, "Invalid signature: Failed to verify signature", "UNAUTHORISED", 200),
  refused(3, "Not found: account ID 273", "UNKNOWN_ORDER", 404),
  refused(4, "Invalid input: Invalid quantity: 0", "OFF_LOT"),
  refused(4, "Invalid input: Invalid price: -1", "OFF_TICK"),
  {
    ...{ name: "refuses the key at its door", status: 401, body: "Unauthorized" },
    ...{ expect: "REFUSED", code: "UNAUTHORISED" },
  },
  {
    ...{ name: "limits the rate at its door", status: 429, body: HTML, expect: "REFUSED" },
    code: "RATE_LIMITED",
  },
  proofless(4, "Missing accountId"),
  proofless(4, "Invalid input: creation deadline exceeded"),
  proofless(1, "Internal error", 500),
  proofless(5, "Insufficient margin"),
  proofless(99_999, "a code that nobody has seen"),
  proofless(2, "Invalid signature, beside a 503", 503),
  unknown("fails without a code", 400, '{"status":"failed","message":"no"}'),
  unknown("is cut off by a gateway", 504, HTML),
  unknown("loses its upstream", 502, HTML),
  unknown("is stopped by the firewall", 403, HTML),
  unknown("is unavailable", 503, "Service Unavailable."),
  unknown("is unavailable, in JSON", 503, '{"message":"Service Unavailable"}'),
  unknown("is under maintenance", 503, '{"status":"SCHEDULED_MAINTENANCE"}'),
  unknown("times out", 408, "Request Timeout"),
  unknown("says HTML in an HTTP 200", 200, HTML),
  unknown("says nothing in an HTTP 200", 200, ""),
  unknown("says an empty object in an HTTP 200", 200, "{}"),
  unknown("says a list in an HTTP 200", 200, "[]"),
  unknown("says no number in an HTTP 200", 200, '{"orderId":null}'),
  unknown("breaks its JSON off", 200, '{"orderId":"5896368'),
];
