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
  // Spot says the same with numbers of its own. Left out: 170001, 170007, 170032, 170146, 170147, 170149 and
  // 170234 (broken on the way), 170035 (submitted), 170139 and 170142 (the order lives or lived), 170210.
  "170033": "INSUFFICIENT_MARGIN",
  "170034": "INSUFFICIENT_MARGIN",
  "170131": "INSUFFICIENT_MARGIN",
  "170223": "INSUFFICIENT_MARGIN",
  "170226": "INSUFFICIENT_MARGIN",
  "170228": "INSUFFICIENT_MARGIN",
  "170229": "INSUFFICIENT_MARGIN",
  "170036": "MARKET_UNAVAILABLE",
  "170037": "MARKET_UNAVAILABLE",
  "170121": "MARKET_UNAVAILABLE",
  "170132": "MARKET_UNAVAILABLE",
  "170133": "MARKET_UNAVAILABLE",
  "170151": "MARKET_UNAVAILABLE",
  "170157": "MARKET_UNAVAILABLE",
  "170193": "MARKET_UNAVAILABLE",
  "170194": "MARKET_UNAVAILABLE",
  "170209": "MARKET_UNAVAILABLE",
  "170217": "MARKET_UNAVAILABLE",
  "170241": "MARKET_UNAVAILABLE",
  "170371": "MARKET_UNAVAILABLE",
  "170372": "MARKET_UNAVAILABLE",
  "170134": "OFF_TICK",
  "170137": "OFF_LOT",
  "170136": "BELOW_MIN_SIZE",
  "170140": "BELOW_MIN_NOTIONAL",
  "170141": "DUPLICATE_CLIENT_ORDER_ID",
  "170218": "WOULD_TAKE",
  "170222": "RATE_LIMITED",
  // Answers to a cancel.
  "170143": "UNKNOWN_ORDER",
  "170190": "UNKNOWN_ORDER",
  "170213": "UNKNOWN_ORDER",
};

/** The venue's own code; null for success, and for a gateway's words. */
export function bybitCodeOf({ json }: Reply): string | null {
  if (typeof json !== "object" || json === null || !("retCode" in json)) return null;
  const { retCode } = json;
  if (typeof retCode !== "number" && typeof retCode !== "string") return null;
  return String(retCode) === "0" ? null : String(retCode);
}
