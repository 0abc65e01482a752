import { RetryableError } from "#src/core/errors.ts";
import { currentCall, inCall, newCall } from "#src/venues/ccxt/call-context.ts";
import { type Row, row, rows } from "#src/venues/ccxt/row.ts";
import { type Dydx, ofAccount } from "./dydx-client.ts";
import { dydxCodeOf } from "./dydx-replies.ts";

/** The indexer's longest list. */
const LONGEST = 1_000;
/** As the indexer's own socket asks for them. */
const RESTING = "OPEN,UNTRIGGERED,BEST_EFFORT_OPENED";

/** What rests, on one market or on all. */
export function restingRows(exchange: Dydx, ticker?: string): Promise<readonly Row[]> {
  return listed(exchange, { status: RESTING, ...(ticker === undefined ? {} : { ticker }) });
}

/** What one node has cancelled, and another may still fill until its last block. */
export function dyingRows(exchange: Dydx, height: number): Promise<readonly Row[]> {
  return listed(exchange, { status: "BEST_EFFORT_CANCELED", goodTilBlockAfter: height - 1 });
}

export function latestRows(exchange: Dydx): Promise<readonly Row[]> {
  return listed(exchange, { returnLatestOrders: true });
}

async function listed(
  exchange: Dydx,
  filter: Readonly<Record<string, unknown>>,
): Promise<readonly Row[]> {
  const found = await exchange.indexerGetOrders({
    ...{ ...ofAccount(exchange), ...filter, limit: LONGEST },
  });
  return rows(found, "orders");
}

/** Null when the indexer says that it knows none; anything else that goes wrong is thrown. */
export async function orderRow(exchange: Dydx, orderId: string): Promise<Row | null> {
  const call = newCall(currentCall()?.urgency ?? "read");
  try {
    return row(await inCall(call, () => exchange.indexerGetOrdersOrderId({ orderId })), "order");
  } catch (error) {
    const { reply } = call;
    const code = reply && dydxCodeOf({ ...reply, json: parsed(reply.body) });
    if (code === "orderNotFound") return null;
    const said = reply ? `answered ${code ?? `http ${reply.httpStatus}`}` : "did not answer";
    throw new RetryableError(`the indexer ${said}`, { cause: error });
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
