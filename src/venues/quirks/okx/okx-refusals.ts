import type { RefusalCode } from "#src/core/order.ts";
import type { Reply } from "#src/venues/ccxt/driver.ts";
import { type Row, textOrNull } from "#src/venues/ccxt/row.ts";
import { isOkxRow } from "./okx-reply.ts";

/**
 * Replies after which nothing was executed: turned away at the gate (key, signature, limits, deadline) or by
 * the checks before the book. What only says that the venue is in trouble (50001, 50004, 50013, 50026, 51054,
 * 51149, 51412 …) is left out: the order may live.
 */
export const OKX_REFUSALS: Readonly<Record<string, RefusalCode>> = {
  "50011": "RATE_LIMITED",
  "50061": "RATE_LIMITED",
  "50030": "UNAUTHORISED",
  "50035": "UNAUTHORISED",
  "50100": "UNAUTHORISED",
  "50101": "UNAUTHORISED",
  "50103": "UNAUTHORISED",
  "50104": "UNAUTHORISED",
  "50105": "UNAUTHORISED",
  "50106": "UNAUTHORISED",
  "50107": "UNAUTHORISED",
  "50110": "UNAUTHORISED",
  "50111": "UNAUTHORISED",
  "50112": "UNAUTHORISED",
  "50113": "UNAUTHORISED",
  "50114": "UNAUTHORISED",
  "50119": "UNAUTHORISED",
  "50120": "UNAUTHORISED",
  // expTime has passed, on arrival or in the venue's queue; and our clock is more than 30 s off.
  "50036": "EXPIRED",
  "50037": "EXPIRED",
  "50102": "EXPIRED",
  "50071": "DUPLICATE_CLIENT_ORDER_ID",
  "51016": "DUPLICATE_CLIENT_ORDER_ID",
  // The largest position for this leverage is a margin rule too.
  "51004": "INSUFFICIENT_MARGIN",
  "51008": "INSUFFICIENT_MARGIN",
  // More than may be borrowed.
  "51017": "INSUFFICIENT_MARGIN",
  "51119": "INSUFFICIENT_MARGIN",
  "51127": "INSUFFICIENT_MARGIN",
  "51131": "INSUFFICIENT_MARGIN",
  "51007": "BELOW_MIN_SIZE",
  "51020": "BELOW_MIN_SIZE",
  "51120": "BELOW_MIN_SIZE",
  "51121": "OFF_LOT",
  "51150": "OFF_TICK",
  "51112": "REDUCE_ONLY_WOULD_INCREASE",
  "51169": "REDUCE_ONLY_WOULD_INCREASE",
  "51170": "REDUCE_ONLY_WOULD_INCREASE",
  "51205": "REDUCE_ONLY_WOULD_INCREASE",
  "51001": "MARKET_UNAVAILABLE",
  // Not in this account mode.
  "51010": "MARKET_UNAVAILABLE",
  "51128": "MARKET_UNAVAILABLE",
  // Outside of the venue's price band.
  "51006": "MARKET_UNAVAILABLE",
  "51021": "MARKET_UNAVAILABLE",
  "51022": "MARKET_UNAVAILABLE",
  "51027": "MARKET_UNAVAILABLE",
  "51028": "MARKET_UNAVAILABLE",
  "51029": "MARKET_UNAVAILABLE",
  "51030": "MARKET_UNAVAILABLE",
  "51135": "MARKET_UNAVAILABLE",
  "51136": "MARKET_UNAVAILABLE",
  "51137": "MARKET_UNAVAILABLE",
  "51138": "MARKET_UNAVAILABLE",
  "51155": "MARKET_UNAVAILABLE",
  // Answers to a cancel: filled, cancelled or never there.
  "51400": "UNKNOWN_ORDER",
  "51401": "UNKNOWN_ORDER",
  "51402": "UNKNOWN_ORDER",
};

export const OKX_NOT_FOUND: readonly string[] = ["51603"];

/**
 * "1" and "2" in front only say that some order of the request failed: the reason stands with each order.
 * An answer about several orders has no one code, and an order that got a number is not simply refused.
 */
export function okxCodeOf({ json }: Reply): string | null {
  if (!isOkxRow(json)) return null;
  const orders = Array.isArray(json["data"]) ? json["data"].filter(isOkxRow) : [];
  const failures = orders.filter((order) => (textOrNull(order, "sCode") ?? "0") !== "0");
  const [failure] = failures;
  if (failure) return orders.length === 1 ? failureOf(failure) : null;
  const code = textOrNull(json, "code");
  return code === null || code === "0" || code === "1" || code === "2" ? null : code;
}

function failureOf(order: Row): string | null {
  const code = textOrNull(order, "sCode");
  // Whatever failed to be cancelled has a number, of course.
  const cancelling = code?.startsWith("514") ?? false;
  return cancelling || textOrNull(order, "ordId") === null ? code : null;
}
