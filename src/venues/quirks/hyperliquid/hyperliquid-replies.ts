import type { RefusalCode } from "#src/core/order.ts";
import type { Reply } from "#src/venues/ccxt/driver.ts";

/**
 * The beginnings of the venue's documented texts, by its own names for them. What else follows ("asset=4")
 * does not matter; a text that is not here has no code, and so proves nothing.
 */
const ORDER_ERRORS: readonly (readonly [code: string, beginsWith: string])[] = [
  ["Tick", "Price must be divisible by tick size"],
  ["MinTradeNtl", "Order must have minimum value of $10"],
  ["PerpMargin", "Insufficient margin to place order"],
  ["ReduceOnly", "Reduce only order would increase position"],
  ["BadAloPx", "Post only order would have immediately matched"],
  ["IocCancel", "Order could not immediately match against any resting orders"],
  ["MarketOrderNoLiquidity", "No liquidity available for market order"],
  ["OpenInterestCap", "Order would increase open interest while open interest is capped"],
  [
    "TooAggressiveAtOpenInterestCap",
    "Order rejected due to price more aggressive than oracle while at open interest cap",
  ],
  ["OpenInterestIncrease", "Order would increase open interest too quickly"],
  ["Oracle", "Order price too far from oracle"],
  ["Reference", "Order price cannot be more than 80% away from the reference price"],
  ["PerpMaxPosition", "Order would cause position to exceed margin tier limit"],
  ["InvalidSize", "Order has invalid size"],
  ["ZeroSize", "Order has zero size"],
  ["MissingOrder", "Order was never placed, already canceled, or filled"],
];

/** The whole action was turned away, before anything in it was looked at. */
const ACTION_ERRORS: typeof ORDER_ERRORS = [
  ["UnknownSigner", "User or API Wallet "],
  ["UnknownSigner", "L1 error: User or API Wallet "],
  ["NoDeposit", "Must deposit before performing actions"],
  ["RequestBudget", "Too many cumulative requests sent"],
  // The same, where the check comes before the order has a status of its own.
  ...ORDER_ERRORS,
];

/** Not documented; as it only sends us to look the order up, a guess at the words does no harm. */
const SAYS_DUPLICATE =
  /\b(duplicate|already)\b.*\bcloid\b|\bcloid\b.*\b(duplicate|already|exists)\b/i;

/**
 * Left out on purpose: a nonce that was used before (a copy of the same request may have been executed) and
 * an expired action, whose text is not documented; the look-up settles both.
 */
export const HYPERLIQUID_REFUSALS: Readonly<Record<string, RefusalCode>> = {
  Tick: "OFF_TICK",
  MinTradeNtl: "BELOW_MIN_NOTIONAL",
  PerpMargin: "INSUFFICIENT_MARGIN",
  ReduceOnly: "REDUCE_ONLY_WOULD_INCREASE",
  BadAloPx: "WOULD_TAKE",
  IocCancel: "MARKET_UNAVAILABLE",
  MarketOrderNoLiquidity: "MARKET_UNAVAILABLE",
  OpenInterestCap: "MARKET_UNAVAILABLE",
  TooAggressiveAtOpenInterestCap: "MARKET_UNAVAILABLE",
  OpenInterestIncrease: "MARKET_UNAVAILABLE",
  Oracle: "MARKET_UNAVAILABLE",
  Reference: "MARKET_UNAVAILABLE",
  PerpMaxPosition: "INSUFFICIENT_MARGIN",
  InvalidSize: "OFF_LOT",
  ZeroSize: "BELOW_MIN_SIZE",
  MissingOrder: "UNKNOWN_ORDER",
  UnknownSigner: "UNAUTHORISED",
  NoDeposit: "UNAUTHORISED",
  RequestBudget: "RATE_LIMITED",
  DuplicateCloid: "DUPLICATE_CLIENT_ORDER_ID",
  // Turned away at the door, before anyone looked inside.
  "http 429": "RATE_LIMITED",
};

/**
 * The code in a reply, or null. A refusal comes with HTTP 200 and "ok" on the envelope: what counts is the
 * status of the order in it, of which there must be exactly one, as we send one at a time.
 */
export function hyperliquidCode({ httpStatus, json }: Reply): string | null {
  const status = field(json, "status");
  if (httpStatus !== 200) return null;
  if (saysUnknown(json)) return "unknownOid";
  if (status === "err") return codeIn(ACTION_ERRORS, field(json, "response"));
  const statuses = statusesIn(json);
  if (statuses.length !== 1) return null;
  return codeIn(ORDER_ERRORS, field(statuses[0], "error"));
}

/** The whole answer, of which ccxt makes an exception's text; null when it is not that. */
export function answerIn(error: unknown): unknown {
  const text = error instanceof Error ? error.message : "";
  try {
    return JSON.parse(text.slice(text.indexOf("{")));
  } catch {
    return null;
  }
}

/** To a look-up: there is no such order. */
export function saysUnknown(answer: unknown): boolean {
  return field(answer, "status") === "unknownOid";
}

/** To cancels: each of them is done, or had nothing to do. */
export function saysAllGone(answer: unknown): boolean {
  const statuses = statusesIn(answer);
  return (
    statuses.length > 0 &&
    statuses.every(
      (one) => one === "success" || codeIn(ORDER_ERRORS, field(one, "error")) === "MissingOrder",
    )
  );
}

function statusesIn(answer: unknown): readonly unknown[] {
  const statuses = field(field(field(answer, "response"), "data"), "statuses");
  return field(answer, "status") === "ok" && Array.isArray(statuses) ? statuses : [];
}

function codeIn(errors: typeof ORDER_ERRORS, said: unknown): string | null {
  if (typeof said !== "string") return null;
  if (SAYS_DUPLICATE.test(said)) return "DuplicateCloid";
  return errors.find(([, beginsWith]) => said.startsWith(beginsWith))?.[0] ?? null;
}

function field(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Object(value)[key] : undefined;
}
