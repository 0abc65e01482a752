import type { RefusalCode } from "#src/core/order.ts";
import type { OutcomeRow } from "./outcome-row.ts";

const HTML = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>";

/** Replies to a new order: text from the venue's documentation, and what gateways say before it. */
export const hyperliquidOutcomes: readonly OutcomeRow[] = [
  ack("filled at once", { filled: { totalSz: "0.01", avgPx: "60001.0", oid: 77747314 } }),
  ack("resting", { resting: { oid: 77738308, cloid: `0x${"a".repeat(32)}` } }),
  refused("too little margin", "Insufficient margin to place order.", "INSUFFICIENT_MARGIN"),
  refused("below 10 USD", "Order must have minimum value of $10.", "BELOW_MIN_NOTIONAL"),
  refused("off the tick", "Price must be divisible by tick size.", "OFF_TICK"),
  refused(
    "reduce-only without a position",
    "Reduce only order would increase position.",
    "REDUCE_ONLY_WOULD_INCREASE",
  ),
  refused(
    "post-only that would take",
    "Post only order would have immediately matched, bbo was 60000@60001.",
    "WOULD_TAKE",
  ),
  refused(
    "nothing to take within the limit",
    "Order could not immediately match against any resting orders.",
    "MARKET_UNAVAILABLE",
  ),
  refused("too far from the oracle", "Order price too far from oracle", "MARKET_UNAVAILABLE"),
  refused(
    "open interest at its cap",
    "Order would increase open interest while open interest is capped",
    "MARKET_UNAVAILABLE",
  ),
  refused(
    "open interest growing too fast",
    "Order would increase open interest too quickly",
    "MARKET_UNAVAILABLE",
  ),
  refused(
    "above the margin tier",
    "Order would cause position to exceed margin tier limit at current leverage",
    "INSUFFICIENT_MARGIN",
  ),
  refused("a size with too many decimals", "Order has invalid size.", "OFF_LOT"),
  {
    ...{ name: "an id that exists: look it up", status: 200, expect: "REFUSED" },
    ...{
      body: orderSaid({ error: "Duplicate cloid. asset=0" }),
      code: "DUPLICATE_CLIENT_ORDER_ID",
    },
  },
  whole("a key that is nobody's", "User or API Wallet 0x12 does not exist.", "UNAUTHORISED"),
  whole(
    "an account that never had money",
    "Must deposit before performing actions. User: 0x12",
    "UNAUTHORISED",
  ),
  whole(
    "the address budget used up",
    "Too many cumulative requests sent (37986 > 10436) for cumulative volume traded $437.92.",
    "RATE_LIMITED",
  ),
  whole(
    "a refusal before any order was looked at",
    "Order must have minimum value of $10.",
    "BELOW_MIN_NOTIONAL",
  ),
  { name: "HTTP 429", status: 429, body: "null", expect: "REFUSED", code: "RATE_LIMITED" },
  // A copy of this very request may have used that nonce, and have been executed.
  unknown("a nonce used before", 200, err("Invalid nonce: duplicate nonce 1770000000000")),
  unknown("an expired action, in words we cannot know", 200, err("Action expired")),
  unknown("a text that is not listed", 200, err("The sequencer had a hiccup")),
  unknown("a status that is not listed", 200, orderSaid({ error: "Internal error. asset=0" })),
  unknown("ok without any status", 200, JSON.stringify({ status: "ok", response: {} })),
  unknown("two statuses for one order", 200, twice({ error: "Order has invalid size." })),
  unknown(
    "a known text inside of another",
    200,
    err("Gateway: Insufficient margin to place order."),
  ),
  unknown("200 with HTML", 200, HTML),
  unknown("200 with nothing", 200, ""),
  unknown("200 with null", 200, "null"),
  unknown("cut JSON", 200, '{"status":"ok","response":{"type":"ord'),
  unknown("502 with HTML", 502, HTML),
  unknown("503 with JSON", 503, err("Service unavailable")),
  unknown("a known refusal on a 500", 500, orderSaid({ error: "Order has invalid size." })),
  unknown("504", 504, "upstream request timeout"),
  unknown("403 of a firewall", 403, HTML),
  unknown("422 unreadable", 422, "Failed to deserialize the JSON body into the target type"),
];

function orderSaid(...statuses: readonly object[]): string {
  return JSON.stringify({ status: "ok", response: { type: "order", data: { statuses } } });
}

function twice(status: object): string {
  return orderSaid(status, status);
}

function err(response: string): string {
  return JSON.stringify({ status: "err", response });
}

function ack(name: string, status: object): OutcomeRow {
  return { name, status: 200, body: orderSaid(status), expect: "ACK" };
}

function refused(name: string, error: string, code: RefusalCode): OutcomeRow {
  const body = orderSaid({ error: `${error} asset=0` });
  return { name, status: 200, body, expect: "REFUSED", code };
}

function whole(name: string, said: string, code: RefusalCode): OutcomeRow {
  return { name, status: 200, body: err(said), expect: "REFUSED", code };
}

function unknown(name: string, status: number, body: string): OutcomeRow {
  return { name, status, body, expect: "UNKNOWN" };
}
