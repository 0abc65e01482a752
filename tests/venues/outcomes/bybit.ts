import type { RefusalCode } from "#src/core/order.ts";
import type { OutcomeRow } from "./outcome-row.ts";

/** Bybit answers HTTP 200 whatever its own code says. */
const says = (retCode: number, retMsg: string, result: unknown = {}): string =>
  JSON.stringify({ retCode, retMsg, result, retExtInfo: {}, time: 1_772_000_000_000 });

const refused = (code: RefusalCode, retCode: number, retMsg: string): OutcomeRow => ({
  ...{ name: `refuses with ${retCode}: ${retMsg}`, status: 200, body: says(retCode, retMsg) },
  ...{ expect: "REFUSED", code },
});

const unknown = (name: string, status: number, body: string): OutcomeRow => ({
  ...{ name, status, body },
  expect: "UNKNOWN",
});

const ACCEPTED = says(0, "OK", { orderId: "1321003749386327552" });

export const bybitOutcomes: readonly OutcomeRow[] = [
  { name: "accepts", status: 200, body: ACCEPTED, expect: "ACK" },
  refused("INSUFFICIENT_MARGIN", 110007, "ab not enough for new order"),
  refused("INSUFFICIENT_MARGIN", 110004, "Wallet balance is insufficient"),
  refused("INSUFFICIENT_MARGIN", 110012, "Insufficient available balance."),
  refused("INSUFFICIENT_MARGIN", 110040, "The order will trigger a forced liquidation"),
  refused("REDUCE_ONLY_WOULD_INCREASE", 110017, "orderQty will be truncated to zero."),
  refused("BELOW_MIN_NOTIONAL", 110094, "Order does not meet minimum order value 5USDT"),
  refused("DUPLICATE_CLIENT_ORDER_ID", 110072, "OrderLinkedID is duplicate"),
  refused("MARKET_UNAVAILABLE", 110023, "Currently you can only reduce your positions"),
  refused("MARKET_UNAVAILABLE", 110066, "Trading is currently not allowed."),
  refused("EXPIRED", 10002, "invalid request, please check your server timestamp"),
  refused("UNAUTHORISED", 10003, "API key is invalid."),
  refused("UNAUTHORISED", 10004, "error sign! origin_string[1772000000000loopback]"),
  refused("UNAUTHORISED", 10005, "Permission denied, please check your API key permissions."),
  refused("UNAUTHORISED", 10010, "Unmatched IP, please check your API key's bound IP addresses."),
  refused("UNAUTHORISED", 33004, "Your api key has expired."),
  refused("INSUFFICIENT_MARGIN", 170131, "Balance insufficient"),
  refused("MARKET_UNAVAILABLE", 170036, "You haven't enabled Cross Margin Trading yet."),
  refused("BELOW_MIN_NOTIONAL", 170140, "Transaction amount lower than the minimum."),
  refused("DUPLICATE_CLIENT_ORDER_ID", 170141, "Duplicate clientOrderId"),
  refused("RATE_LIMITED", 10006, "Too many visits. Exceeded the API Rate Limit."),
  refused("RATE_LIMITED", 10018, "Exceeded the IP Rate Limit."),
  unknown("cannot tell after its own timeout", 200, says(10000, "Server Timeout")),
  unknown("cannot tell after an error of its own", 200, says(10016, "Server error.")),
  unknown("cannot tell after a timeout of spot", 200, says(170146, "Order creation timeout")),
  unknown("cannot tell what it was submitted for", 200, says(170035, "Submitted to the system")),
  unknown("cannot tell of a request that it saw before", 200, says(10014, "Duplicate request")),
  unknown("cannot tell what a bad parameter was", 200, says(10001, "Qty invalid")),
  unknown("cannot tell when it is too busy", 200, says(429, "experiencing a high server load")),
  unknown("cannot tell of a code that is not listed", 200, says(987_654, "something new")),
  unknown("cannot tell by a code that ccxt takes for success", 200, says(30084, "not modified")),
  unknown("cannot tell without an order id", 200, says(0, "OK", {})),
  unknown("cannot tell of another order's answer", 200, says(0, "OK", another())),
  unknown("cannot tell without a result", 200, says(0, "OK", null)),
  unknown("cannot tell by a web page", 200, "<html><body>Welcome</body></html>"),
  unknown("cannot tell by an empty body", 200, ""),
  unknown("cannot tell by half an answer", 200, ACCEPTED.slice(0, 40)),
  unknown("cannot tell by an answer of another kind", 200, '["ok"]'),
  unknown("cannot tell when a firewall answers", 403, "<html><body>Forbidden</body></html>"),
  unknown("cannot tell when it says that we come too often", 403, "access too frequent"),
  unknown("cannot tell by a web page about too many requests", 429, "<html>429</html>"),
  unknown("cannot tell when its gateway is bad", 502, "<html><body>Bad Gateway</body></html>"),
  unknown("cannot tell when it is unavailable", 503, says(10016, "Service unavailable")),
  unknown("cannot tell by a refusal under a 503", 503, says(110007, "ab not enough for new order")),
  unknown("cannot tell by an acceptance under a 500", 500, ACCEPTED),
  unknown("cannot tell when its gateway gave up", 504, ""),
];

function another(): unknown {
  return { orderId: "1321003749386327552", orderLinkId: "somebodyElses" };
}
