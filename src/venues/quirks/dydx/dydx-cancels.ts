import type { Listed } from "#src/venues/ccxt/driver.ts";
import { type Row, row, text } from "#src/venues/ccxt/row.ts";
import { askApart } from "#src/venues/quirks/shared/ask-apart.ts";
import { chainHeight, type Dydx } from "./dydx-client.ts";
import { restingRows } from "./dydx-order-rows.ts";
import { flagsOf } from "./dydx-reports.ts";
import { SHORT_TERM } from "./dydx-signing.ts";

/** Every order that rests in one market, whoever placed it and for however long. */
export async function cancelAll(exchange: Dydx, of: Listed): Promise<void> {
  const { symbol } = of.instrument;
  const resting = await askApart(() => restingRows(exchange, symbol));
  if (resting.length === 0) return;
  await askApart(() => exchange.fetchDydxAccount());
  const shortTerm = resting.filter((one) => flagsOf(one) === SHORT_TERM);
  if (shortTerm.length > 0) {
    await cancelShortTerm(
      exchange,
      of,
      shortTerm.map((one) => text(one, "clientId")),
    );
  }
  const others = resting.filter((one) => flagsOf(one) !== SHORT_TERM);
  const failures: unknown[] = [];
  // One after the other: each is signed with the millisecond as its number.
  for (const one of others) {
    await cancelLasting(exchange, of, one).catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw failures[0];
}

/** Orders placed by hand, which stay until a date or a trigger. */
async function cancelLasting(exchange: Dydx, of: Listed, order: Row): Promise<void> {
  const clientId = text(order, "clientId");
  const done = await exchange.cancelOrder(clientId, of.ccxtSymbol, { orderFlags: flagsOf(order) });
  requireTaken(done.info);
}

export async function cancelShortTerm(
  exchange: Dydx,
  of: Listed,
  wireIds: readonly string[],
): Promise<void> {
  // The cancel must live at least as long as the order.
  const height = await askApart(() => chainHeight(exchange));
  const [done] = await exchange.cancelOrders([], of.ccxtSymbol, {
    ...{ clientOrderIds: wireIds.map(Number), goodTillBlock: height + 20 },
  });
  requireTaken(done?.info);
}

/** JSON-RPC says its errors with HTTP 200, and ccxt takes whatever is no abci error for success. */
export function requireTaken(result: unknown): void {
  if (text(row(result, "the node's answer"), "code") !== "0") throw new Error("not taken");
}
