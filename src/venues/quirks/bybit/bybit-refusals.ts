import type { RefusalCode } from "#src/core/order.ts";
import type { Reply } from "#src/venues/ccxt/driver.ts";

/**
 * Answers that come before matching and so prove that nothing was executed. Left out on purpose: 10000,
 * 10016 and -1 (something broke on the way), 10001 and 10014 (too many meanings), 429.
 */
export const BYBIT_REFUSALS: Readonly<Record<string, RefusalCode>> = {
  "10002": "EXPIRED",
  "10003": "UNAUTHORISED",
  "10004": "UNAUTHORISED",
  "10005": "UNAUTHORISED",
  "10007": "UNAUTHORISED",
  "10009": "UNAUTHORISED",
  "10010": "UNAUTHORISED",
  "10024": "UNAUTHORISED",
  "10027": "UNAUTHORISED",
  "33004": "UNAUTHORISED",
  "10006": "RATE_LIMITED",
  "10018": "RATE_LIMITED",
  "10029": "MARKET_UNAVAILABLE",
  // Order does not exist, has been finished or cancelled: only a cancel can get these.
  "110001": "UNKNOWN_ORDER",
  "110008": "UNKNOWN_ORDER",
  "110010": "UNKNOWN_ORDER",
  "110004": "INSUFFICIENT_MARGIN",
  "110006": "INSUFFICIENT_MARGIN",
  "110007": "INSUFFICIENT_MARGIN",
  "110012": "INSUFFICIENT_MARGIN",
  "110016": "INSUFFICIENT_MARGIN",
  "110040": "INSUFFICIENT_MARGIN",
  "110044": "INSUFFICIENT_MARGIN",
  "110045": "INSUFFICIENT_MARGIN",
  "110051": "INSUFFICIENT_MARGIN",
  "110052": "INSUFFICIENT_MARGIN",
  "110053": "INSUFFICIENT_MARGIN",
  "110017": "REDUCE_ONLY_WOULD_INCREASE",
  "110021": "MARKET_UNAVAILABLE",
  "110023": "MARKET_UNAVAILABLE",
  "110042": "MARKET_UNAVAILABLE",
  "110063": "MARKET_UNAVAILABLE",
  "110066": "MARKET_UNAVAILABLE",
  "110072": "DUPLICATE_CLIENT_ORDER_ID",
  "110094": "BELOW_MIN_NOTIONAL",
};

/** The venue's own code; null for success, and for a gateway's words. */
export function bybitCodeOf({ json }: Reply): string | null {
  if (typeof json !== "object" || json === null || !("retCode" in json)) return null;
  const { retCode } = json;
  if (typeof retCode !== "number" && typeof retCode !== "string") return null;
  return String(retCode) === "0" ? null : String(retCode);
}
