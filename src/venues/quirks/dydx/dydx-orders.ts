import { RetryableError } from "#src/core/errors.ts";
import type { OrderReport } from "#src/core/order.ts";
import { baseSize } from "#src/core/units.ts";
import type { Listed, OrderName, Placed, VenueDriver, WireOrder } from "#src/venues/ccxt/driver.ts";
import { NotSentError } from "#src/venues/ccxt/not-sent.ts";
import { text } from "#src/venues/ccxt/row.ts";
import { asCcxtNumber } from "#src/venues/quirks/shared/as-ccxt-number.ts";
import { askApart } from "#src/venues/quirks/shared/ask-apart.ts";
import { cancelAll, cancelShortTerm, requireTaken } from "./dydx-cancels.ts";
import { type Dydx, indexedHeight, SUBACCOUNT } from "./dydx-client.ts";
import type { ClientIds } from "./dydx-client-ids.ts";
import type { DydxFences } from "./dydx-fences.ts";
import { newestFills } from "./dydx-fills.ts";
import { dyingRows, orderRow, restingRows } from "./dydx-order-rows.ts";
import { dydxCodeOf } from "./dydx-replies.ts";
import { heightFor, reportOf } from "./dydx-reports.ts";
import { orderIdOf, WIRE_TERMS } from "./dydx-signing.ts";

type OrderSide = Pick<
  VenueDriver,
  "openOrders" | "lookupOrder" | "place" | "cancel" | "cancelAll" | "codeOf"
>;

export interface DydxMemory {
  readonly fences: DydxFences;
  /** What this process has placed, by the indexer's id. */
  readonly placed: Map<string, WireOrder>;
  readonly clientIds: ClientIds;
}

export function dydxOrders(exchange: Dydx, memory: DydxMemory): OrderSide {
  const idOf = (of: Listed, { wireId, venueOrderId }: OrderName) =>
    venueOrderId === "" ? orderIdOf(exchange, SUBACCOUNT, wireId, of.info) : venueOrderId;
  return {
    async openOrders(listings) {
      const height = await indexedHeight(exchange);
      const found = await Promise.all([restingRows(exchange), dyingRows(exchange, height)]);
      const reports = found.flat().map((one) => reportOf(listings, one, height));
      return reports.filter((one) => one.status === "open");
    },
    lookupOrder: (of, name) => lookup(exchange, memory, of, idOf(of, name)),
    place: (of, order) => place(exchange, memory, of, order),
    async cancel(of, name) {
      const wireId = name.wireId || (await clientIdOf(exchange, idOf(of, name)));
      await askApart(() => exchange.fetchDydxAccount());
      await cancelShortTerm(exchange, of, [wireId]);
    },
    cancelAll: (of) => cancelAll(exchange, of),
    codeOf: dydxCodeOf,
  };
}

/**
 * Unfilled short-term orders are never written down: that the indexer knows none says nothing before the
 * order's last block. After it, one of ours that has no fill either is over.
 */
async function lookup(
  exchange: Dydx,
  { fences, placed }: DydxMemory,
  of: Listed,
  id: string,
): Promise<OrderReport | null> {
  const listings = new Map([[of.instrument.symbol, of]]);
  const first = await orderRow(exchange, id);
  if (first) return reportOf(listings, first, await heightFor(exchange, first));
  await fences.requirePassed(id);
  const last = await orderRow(exchange, id);
  if (last) return reportOf(listings, last, await heightFor(exchange, last));
  const ours = placed.get(id);
  if (!ours) return null;
  const fills = await newestFills(exchange, of.instrument.symbol);
  if (fills.some((one) => one["orderId"] === id)) throw new RetryableError("it has a fill only");
  const { symbol, side, sizeBase, reduceOnly } = ours.request;
  return {
    ...{ clientOrderId: ours.wireId, venueOrderId: id, symbol, side, sizeBase, reduceOnly },
    ...{ status: "cancelled", filledBase: baseSize("0") },
  };
}

async function place(
  exchange: Dydx,
  { fences, clientIds, placed }: DydxMemory,
  of: Listed,
  order: WireOrder,
): Promise<Placed> {
  const { request, wireId, amount, price, lifeMs } = order;
  const { side, reduceOnly, timeInForce } = request;
  const id = orderIdOf(exchange, SUBACCOUNT, wireId, of.info);
  const lastBlock = await askApart(async () => {
    const [fence, sameId] = await Promise.all([
      fences.lastBlockFor(lifeMs, timeInForce !== "ioc"),
      // A close is not held up by an indexer that is down.
      orderRow(exchange, id).catch((error: unknown) => {
        if (reduceOnly) return null;
        throw error;
      }),
      exchange.fetchDydxAccount(),
    ]);
    // 32 bits repeat now and then; an older order's fate must not be taken for this one's.
    if (sameId) throw new NotSentError("an older order has its id");
    return fence;
  });
  fences.note(id, lastBlock);
  clientIds.note(id, wireId);
  remember(placed, id, order);
  const sent = await exchange.createOrder(
    of.ccxtSymbol,
    "limit",
    side,
    asCcxtNumber(amount),
    asCcxtNumber(price),
    {
      ...{ clientOrderId: wireId, timeInForce: "IOC", goodTillBlock: lastBlock, reduceOnly },
      ...{ termsOfOrder: WIRE_TERMS[timeInForce], subAccountId: SUBACCOUNT },
    },
  );
  requireTaken(sent.info);
  // Taken by one node says nothing of fills: that is looked up.
  return { venueOrderId: id, status: null, filledBase: null };
}

/** What is older than that is long over. */
const REMEMBERED = 1_000;

function remember(placed: DydxMemory["placed"], id: string, order: WireOrder): void {
  placed.set(id, order);
  const [oldest] = placed.keys();
  if (placed.size > REMEMBERED && oldest !== undefined) placed.delete(oldest);
}

async function clientIdOf(exchange: Dydx, orderId: string): Promise<string> {
  const found = await askApart(() => orderRow(exchange, orderId));
  if (!found) throw new NotSentError("the order to cancel has no client id");
  return text(found, "clientId");
}
