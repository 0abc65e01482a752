import type { RefusalCode } from "#src/core/order.ts";
import type { Reply } from "#src/venues/ccxt/driver.ts";

/**
 * Checks that Binance makes before an order reaches its book, each with its own code. Left out on purpose:
 * -1000, -1001, -1006 and -1007 (their own text says that the status is unknown), -1008 and -2010 (spot uses
 * it for duplicates), -2020, -2023, -4131 (decided in the matching engine), and everything with HTTP 5xx.
 */
export const BINANCE_REFUSALS: Readonly<Record<string, RefusalCode>> = {
  "http 418": "RATE_LIMITED",
  "http 429": "RATE_LIMITED",
  "-1003": "RATE_LIMITED",
  "-1015": "RATE_LIMITED",
  "-1002": "UNAUTHORISED",
  "-1022": "UNAUTHORISED",
  "-2014": "UNAUTHORISED",
  "-2015": "UNAUTHORISED",
  "-2017": "UNAUTHORISED",
  "-4192": "UNAUTHORISED",
  "-1021": "EXPIRED",
  "-5028": "EXPIRED",
  "-1111": "OFF_LOT",
  "-4023": "OFF_LOT",
  "-4014": "OFF_TICK",
  "-1013": "BELOW_MIN_SIZE",
  "-4003": "BELOW_MIN_SIZE",
  "-4004": "BELOW_MIN_SIZE",
  "-4164": "BELOW_MIN_NOTIONAL",
  "-2018": "INSUFFICIENT_MARGIN",
  "-2019": "INSUFFICIENT_MARGIN",
  "-2027": "INSUFFICIENT_MARGIN",
  "-2028": "INSUFFICIENT_MARGIN",
  "-2022": "REDUCE_ONLY_WOULD_INCREASE",
  "-4118": "REDUCE_ONLY_WOULD_INCREASE",
  "-5022": "WOULD_TAKE",
  "-1121": "MARKET_UNAVAILABLE",
  "-1122": "MARKET_UNAVAILABLE",
  "-4061": "MARKET_UNAVAILABLE",
  "-4087": "MARKET_UNAVAILABLE",
  "-4088": "MARKET_UNAVAILABLE",
  "-4140": "MARKET_UNAVAILABLE",
  "-4141": "MARKET_UNAVAILABLE",
  "-4400": "MARKET_UNAVAILABLE",
  "-2011": "UNKNOWN_ORDER",
  "-2013": "UNKNOWN_ORDER",
  "-4116": "DUPLICATE_CLIENT_ORDER_ID",
  // Of spot and cross margin: the borrowing that an order asks for comes before the order.
  "-2010 insufficient": "INSUFFICIENT_MARGIN",
  "-2010 would take": "WOULD_TAKE",
  "-3006": "INSUFFICIENT_MARGIN",
  "-3008": "INSUFFICIENT_MARGIN",
  "-3023": "INSUFFICIENT_MARGIN",
  "-3041": "INSUFFICIENT_MARGIN",
  "-3003": "MARKET_UNAVAILABLE",
  "-3012": "MARKET_UNAVAILABLE",
  "-3014": "MARKET_UNAVAILABLE",
  "-3021": "MARKET_UNAVAILABLE",
  "-3022": "MARKET_UNAVAILABLE",
  "-3027": "MARKET_UNAVAILABLE",
  "-3028": "MARKET_UNAVAILABLE",
  "-3045": "MARKET_UNAVAILABLE",
};

/** Spot has one code for what never reached its book; its documents list the texts that tell which. */
const REJECTED = "-2010";
const REJECTED_TEXTS: ReadonlyMap<string, string> = new Map([
  ["Account has insufficient balance for requested action.", "insufficient"],
  ["Order would immediately match and take.", "would take"],
]);

/** The code in the body. */
export function binanceCodeOf({ json }: Reply): string | null {
  const code = typeof json === "object" && json !== null && "code" in json ? json.code : null;
  if (typeof code === "number" || typeof code === "string") {
    return Number(code) < 0 ? withText(String(code), json) : null;
  }
  return null;
}

function withText(code: string, json: unknown): string {
  const said = typeof json === "object" && json !== null && "msg" in json ? json.msg : null;
  const why = code === REJECTED ? REJECTED_TEXTS.get(String(said)) : undefined;
  return why === undefined ? code : `${code} ${why}`;
}
