import type { RefusalCode } from "#src/core/order.ts";
import type { OutcomeRow } from "./outcome-row.ts";

/** What OKX, and what stands before it, may answer to one new order. */
export const okxOutcomes: readonly OutcomeRow[] = [
  { name: "taken", status: 200, body: order("0", "312269865356374016"), expect: "ACK" },
  {
    name: "taken, and said in one more way",
    ...{ status: 200, expect: "ACK" },
    body: `{"code":"0","msg":"","inTime":"1695190491421339","outTime":"1695190491423240","data":[{"clOrdId":"H1","ordId":"312269865356374016","tag":"","ts":"1695190491421","sCode":"0","sMsg":"Order placed","subCode":""}]}`,
  },
  failed("no margin", "51008", "INSUFFICIENT_MARGIN"),
  failed("no balance", "51119", "INSUFFICIENT_MARGIN"),
  failed("more than may be borrowed", "51017", "INSUFFICIENT_MARGIN"),
  failed("not in this account mode", "51010", "MARKET_UNAVAILABLE"),
  failed("more than the leverage allows", "51004", "INSUFFICIENT_MARGIN"),
  failed("below the smallest order", "51020", "BELOW_MIN_SIZE"),
  failed("off the lot", "51121", "OFF_LOT"),
  failed("too many decimals", "51150", "OFF_TICK"),
  failed("nothing to reduce", "51169", "REDUCE_ONLY_WOULD_INCREASE"),
  failed("reduce-only in the position's own direction", "51170", "REDUCE_ONLY_WOULD_INCREASE"),
  failed("the id is used", "51016", "DUPLICATE_CLIENT_ORDER_ID"),
  failed("suspended", "51022", "MARKET_UNAVAILABLE"),
  failed("funding is being settled", "51030", "MARKET_UNAVAILABLE"),
  failed("outside of the price band", "51006", "MARKET_UNAVAILABLE"),
  failed("too many orders of the account", "50061", "RATE_LIMITED"),
  gate("too many requests", 429, "50011", "RATE_LIMITED"),
  gate("too many requests, said politely", 200, "50011", "RATE_LIMITED"),
  gate("past its deadline", 200, "50036", "EXPIRED"),
  gate("expired in the queue", 200, "50037", "EXPIRED"),
  gate("our clock is off", 401, "50102", "EXPIRED"),
  gate("bad signature", 401, "50113", "UNAUTHORISED"),
  gate("unknown key", 401, "50111", "UNAUTHORISED"),
  gate("key of the other environment", 401, "50101", "UNAUTHORISED"),
  gate("our address is not on the key's list", 401, "50110", "UNAUTHORISED"),
  gate("no permission to trade", 200, "50120", "UNAUTHORISED"),
  failed("failed inside of an answer that succeeded", "51008", "INSUFFICIENT_MARGIN", "0"),
  failed("partly failed, though it was one", "51008", "INSUFFICIENT_MARGIN", "2"),
  doubtful("a reason that nobody listed", 200, order("59999", "")),
  doubtful("failed, but with a number", 200, order("51008", "312269865356374016")),
  doubtful("failed without a reason", 200, `{"code":"1","data":[],"msg":"Operation failed."}`),
  doubtful("timed out at the gate", 400, general("50004")),
  doubtful("timed out in the engine", 500, general("51149")),
  doubtful("timed out on the way", 500, order("51054", "")),
  doubtful("out of service", 503, general("50001")),
  doubtful("busy", 429, general("50013")),
  doubtful("system error", 500, general("50026")),
  doubtful("system error of the old kind", 500, `{"code":500,"data":{},"error_code":"500"}`),
  doubtful("an order without a number", 200, order("0", "")),
  doubtful("an order without an answer", 200, `{"code":"0","data":[],"msg":""}`),
  doubtful("two answers to one order", 200, twoOrders()),
  doubtful("a page of HTML that says OK", 200, "<html><body>OK</body></html>"),
  doubtful("the firewall's page", 403, "<html><body>Access denied | 1020</body></html>"),
  doubtful("the firewall's brake", 429, "<html><body>error code: 1015</body></html>"),
  doubtful("a broken gateway", 502, "<html><body>502 Bad Gateway</body></html>"),
  doubtful("a gateway's patience", 504, ""),
  doubtful("nothing at all", 200, ""),
  doubtful("half an answer", 200, `{"code":"1","data":[{"clOrdId":"H1","ordId":"","sCo`),
];

function order(sCode: string, ordId: string, code = sCode === "0" ? "0" : "1"): string {
  const data = [{ clOrdId: "H1", ordId, tag: "", ts: "1695190491421", sCode, sMsg: sCode }];
  return JSON.stringify({ code, data, msg: "" });
}

function general(code: string): string {
  return JSON.stringify({ code, data: [], msg: code });
}

function twoOrders(): string {
  const row = { clOrdId: "H1", ordId: "", tag: "", sCode: "51008", sMsg: "" };
  return JSON.stringify({ code: "1", data: [row, { ...row, sCode: "0" }], msg: "" });
}

/** The order itself failed, after the gate. */
function failed(name: string, sCode: string, refusal: RefusalCode, code = "1"): OutcomeRow {
  const body = order(sCode, "", code);
  return { name, status: 200, body, expect: "REFUSED", code: refusal };
}

/** Turned away before anybody looked at the order. */
function gate(name: string, status: number, code: string, refusal: RefusalCode): OutcomeRow {
  return { name, status, body: general(code), expect: "REFUSED", code: refusal };
}

function doubtful(name: string, status: number, body: string): OutcomeRow {
  return { name, status, body, expect: "UNKNOWN" };
}
