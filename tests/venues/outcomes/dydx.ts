import type { RefusalCode } from "#src/core/order.ts";
import type { OutcomeRow } from "./outcome-row.ts";

const HTML = "<html><head><title>Bad gateway</title></head><body>nginx</body></html>";
const HASH = "CBEDB0603E57E5CE21FA6954770A9403D2A81BED02E608C860356152D0AA1A81";

function result(over: Readonly<Record<string, unknown>>): string {
  const said = { code: 0, data: "", log: "[]", codespace: "", hash: HASH, ...over };
  return JSON.stringify({ jsonrpc: "2.0", id: -1, result: said });
}

function refused(codespace: string, code: number, log: string, means: RefusalCode): OutcomeRow {
  const body = result({ code, codespace, log });
  const name = `refuses with ${codespace} ${code}, ${log}`;
  return { name, status: 200, body, expect: "REFUSED", code: means };
}

function unknown(name: string, status: number, body: string): OutcomeRow {
  return { name, status, body, expect: "UNKNOWN" };
}

function proofless(codespace: string, code: number, log: string): OutcomeRow {
  return unknown(
    `proves nothing with ${codespace} ${code}, ${log}`,
    200,
    result({ code, codespace, log }),
  );
}

function rpcError(status: number, code: number, data: string): OutcomeRow {
  const error = { code, message: "Internal error", data };
  const body = JSON.stringify({ jsonrpc: "2.0", id: -1, error });
  return unknown(`says in JSON-RPC ${code}, ${data}, with HTTP ${status}`, status, body);
}

/** What a node of dYdX's chain says to an order. */
export const dydxOutcomes: readonly OutcomeRow[] = [
  { name: "took it", status: 200, body: result({}), expect: "ACK" },
  {
    name: "took it, with the code as text",
    status: 200,
    body: result({ code: "0" }),
    expect: "ACK",
  },
  refused("clob", 4, "Invalid order quantums", "OFF_LOT"),
  refused("clob", 6, "Invalid order subticks", "OFF_TICK"),
  refused("clob", 8, "ClobPair ID does not reference a valid CLOB", "MARKET_UNAVAILABLE"),
  refused("clob", 10, "The next block height is greater than the GoodTilBlock", "EXPIRED"),
  refused("clob", 11, "GoodTilBlock is further than ShortBlockWindow blocks", "EXPIRED"),
  refused("clob", 34, "Order conflicts with ClobPair status", "MARKET_UNAVAILABLE"),
  refused("clob", 37, "Perpetual does not exist in state", "MARKET_UNAVAILABLE"),
  refused("clob", 2001, "Reduce-only orders cannot increase", "REDUCE_ONLY_WOULD_INCREASE"),
  refused("clob", 2002, "Reduce-only orders cannot change side", "REDUCE_ONLY_WOULD_INCREASE"),
  refused("clob", 2003, "Post-only order would cross", "WOULD_TAKE"),
  refused("clob", 2005, "isolated subaccount constraints", "MARKET_UNAVAILABLE"),
  refused("clob", 5001, "Block rate limit exceeded", "RATE_LIMITED"),
  refused("clob", 10_001, "cannot open more orders: equity tier", "INSUFFICIENT_MARGIN"),
  refused("sdk", 4, "signature verification failed: unauthorized", "UNAUTHORISED"),
  refused("clob", 20, "same OrderId with a greater GoodTilBlock", "DUPLICATE_CLIENT_ORDER_ID"),
  refused("clob", 24, "Order is fully filled", "DUPLICATE_CLIENT_ORDER_ID"),
  refused("clob", 30, "already been processed for this CLOB", "DUPLICATE_CLIENT_ORDER_ID"),
  refused("clob", 2004, "IOC order is already filled", "DUPLICATE_CLIENT_ORDER_ID"),
  {
    ...{ name: "limits the rate at its door", status: 429, body: HTML, expect: "REFUSED" },
    code: "RATE_LIMITED",
  },
  // The same number means another thing in another module of the chain.
  proofless("sdk", 6, "unknown request"),
  proofless("sdk", 8, "unknown address"),
  proofless("sending", 4, "Account and asset do not match"),
  proofless("", 2001, "a code that names no module"),
  proofless("sdk", 19, "tx already in mempool"),
  proofless("sdk", 20, "mempool is full"),
  proofless("clob", 7, "Attempt to place an order that is already canceled"),
  proofless("clob", 22, "Matched order has negative fee"),
  proofless("clob", 23, "fee transfer to fee-collector failed"),
  proofless("clob", 99_999, "a code that nobody has seen"),
  rpcError(200, -32_603, "tx already exists in cache"),
  rpcError(500, -32_603, "timed out waiting for tx to be included in a block"),
  rpcError(200, -32_700, "parse error"),
  unknown("is cut off by a gateway", 504, HTML),
  unknown("is unavailable", 503, "Service Unavailable."),
  unknown("is unavailable, in JSON", 503, JSON.stringify({ code: 14, message: "unavailable" })),
  unknown("refuses beside a 503", 503, result({ code: 2001, codespace: "clob" })),
  unknown("is stopped by the firewall", 403, HTML),
  unknown("says HTML in an HTTP 200", 200, HTML),
  unknown("says nothing in an HTTP 200", 200, ""),
  unknown("says an empty object in an HTTP 200", 200, "{}"),
  unknown("says no code in an HTTP 200", 200, result({ code: undefined })),
  unknown("breaks its JSON off", 200, '{"jsonrpc":"2.0","id":-1,"result":{"code":0,'),
];
