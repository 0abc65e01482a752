import type { RefusalCode } from "#src/core/order.ts";
import type { Reply } from "#src/venues/ccxt/driver.ts";

/**
 * The code of a reply. Codes below 9 mean other things in other modules of the chain, so the module's name is
 * a part of it: "clob 2001". Null for code 0: taken by a node, which says nothing of what became of it.
 */
export function dydxCodeOf({ httpStatus, json }: Reply): string | null {
  const result = fieldOf(json, "result");
  const code = fieldOf(result, "code");
  if (code !== undefined) {
    return String(code) === "0" ? null : `${fieldOf(result, "codespace") ?? ""} ${code}`.trim();
  }
  // JSON-RPC's own errors come with HTTP 200, and prove nothing.
  const rpcCode = fieldOf(fieldOf(json, "error"), "code");
  if (rpcCode !== undefined) return `rpc ${rpcCode}`;
  if (httpStatus === 404 && isNoSuchOrder(json)) return "orderNotFound";
  const restCode = fieldOf(json, "code");
  return restCode === undefined ? null : `rest ${restCode}`;
}

/**
 * A node checks an order before it passes it on: what fails its check is not in its book and is not told to
 * anybody. Not here: 7 and 9 (a cancel is known), 22 and 23 (it had matched), and everything that says that
 * the order is known already (19 and 20 of the sdk: the transaction is in the pool).
 */
export const DYDX_REFUSALS: Readonly<Record<string, RefusalCode>> = {
  "clob 4": "OFF_LOT",
  "clob 6": "OFF_TICK",
  "clob 8": "MARKET_UNAVAILABLE",
  "clob 10": "EXPIRED",
  "clob 11": "EXPIRED",
  "clob 34": "MARKET_UNAVAILABLE",
  "clob 37": "MARKET_UNAVAILABLE",
  "clob 2001": "REDUCE_ONLY_WOULD_INCREASE",
  "clob 2002": "REDUCE_ONLY_WOULD_INCREASE",
  "clob 2003": "WOULD_TAKE",
  "clob 2005": "MARKET_UNAVAILABLE",
  "clob 5001": "RATE_LIMITED",
  "clob 10001": "INSUFFICIENT_MARGIN",
  "sdk 4": "UNAUTHORISED",
  "http 429": "RATE_LIMITED",
  // An order with this id is known, or filled: proof of nothing but that.
  "clob 20": "DUPLICATE_CLIENT_ORDER_ID",
  "clob 24": "DUPLICATE_CLIENT_ORDER_ID",
  "clob 30": "DUPLICATE_CLIENT_ORDER_ID",
  "clob 2004": "DUPLICATE_CLIENT_ORDER_ID",
};

function isNoSuchOrder(json: unknown): boolean {
  const errors = fieldOf(json, "errors");
  return (
    Array.isArray(errors) &&
    errors.some((one) => String(fieldOf(one, "msg") ?? "").startsWith("Unable to find order id"))
  );
}

function fieldOf(from: unknown, key: string): unknown {
  return typeof from === "object" && from !== null ? Reflect.get(from, key) : undefined;
}
