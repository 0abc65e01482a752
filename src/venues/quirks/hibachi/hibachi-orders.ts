import { ZERO } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import type { OrderReport } from "#src/core/order.ts";
import { baseSize } from "#src/core/units.ts";
import type {
  Listed,
  Listings,
  OrderName,
  Placed,
  VenueDriver,
  WireOrder,
} from "#src/venues/ccxt/driver.ts";
import { NotSentError } from "#src/venues/ccxt/not-sent.ts";
import { decimalOrNull, type Row, row, rows, text } from "#src/venues/ccxt/row.ts";
import { asCcxtNumber } from "#src/venues/quirks/shared/as-ccxt-number.ts";
import { askApart } from "#src/venues/quirks/shared/ask-apart.ts";
import type { Units } from "#src/venues/quirks/shared/units-of.ts";
import { type Hibachi, hibachiUnits, orderIdIn } from "./hibachi-client.ts";
import type { HibachiMemory } from "./hibachi-memory.ts";
import { fieldOf, HIBACHI_NOT_FOUND, hibachiCodeOf } from "./hibachi-replies.ts";
import { flagsFor, requireSignable } from "./hibachi-signing.ts";

type OrderSide = Pick<
  VenueDriver,
  "openOrders" | "lookupOrder" | "place" | "cancel" | "cancelAll" | "codeOf"
>;

export function hibachiOrders(exchange: Hibachi, memory: HibachiMemory): OrderSide {
  return {
    async openOrders(listings) {
      return (await restingRows(exchange)).map((one) => reportOf(listings, one, memory));
    },
    lookupOrder: (of, name) => lookup(exchange, memory, of, name),
    place: (of, order) => place(exchange, memory, of, order),
    async cancel(_of, { wireId, venueOrderId }) {
      const placing = memory.ofWireId(wireId);
      const orderId = venueOrderId || placing?.orderId;
      if (orderId) await exchange.cancelOrder(orderId);
      else if (placing) await cancelByNonce(exchange, placing.nonce);
      else
        throw new NotSentError("Hibachi knows no ids of ours, and this order's own is not known");
    },
    cancelAll: (of) => cancelAll(exchange, of),
    codeOf: hibachiCodeOf,
  };
}

async function place(
  exchange: Hibachi,
  memory: HibachiMemory,
  of: Listed,
  order: WireOrder,
): Promise<Placed> {
  const { request, wireId, amount, price, expiresAt } = order;
  requireSignable(amount, of.info);
  const { id } = await exchange.createOrder(
    ...([of.ccxtSymbol, "limit", request.side, asCcxtNumber(amount), asCcxtNumber(price)] as const),
    // Not signed and not in ccxt, but honoured by the venue: it creates no order after it.
    { ...flagsFor(order), creationDeadline: Math.floor(expiresAt / 1_000), sending: order },
  );
  if (!id) throw new Error("no order id");
  memory.noteAcknowledged(wireId, id);
  const ended = mustNotRest(order) ? await endedRow(exchange, id) : null;
  if (!ended) return { venueOrderId: id, status: null, filledBase: null };
  const { status, filledBase } = reportOf(listing(of), ended, memory);
  return { venueOrderId: id, status, filledBase };
}

function mustNotRest({ request }: Pick<WireOrder, "request">): boolean {
  return request.reduceOnly && request.timeInForce === "ioc";
}

/** Null for an order that nobody here remembers, unless it may be one that rests. */
async function lookup(
  exchange: Hibachi,
  memory: HibachiMemory,
  of: Listed,
  { wireId, venueOrderId }: OrderName,
): Promise<OrderReport | null> {
  const placing = memory.ofWireId(wireId);
  const orderId = venueOrderId || placing?.orderId;
  if (orderId) {
    // A close whose rest could not be cancelled when it was placed.
    if (placing && mustNotRest(placing)) await endedRow(exchange, orderId);
    return {
      ...reportOf(listing(of), await orderRow(exchange, { orderId }), memory),
      clientOrderId: wireId,
    };
  }
  if (placing) {
    const found = await orderRow(exchange, { nonce: String(placing.nonce) });
    memory.noteAcknowledged(wireId, orderIdIn(found, "orderId"));
    return reportOf(listing(of), found, memory);
  }
  const resting = (await restingRows(exchange)).filter(
    (one) => text(one, "symbol") === of.instrument.symbol,
  );
  if (resting.every((one) => memory.ofOrderId(orderIdIn(one, "orderId")))) return null;
  throw new RetryableError("an order rests there that may be the one looked for");
}

/** Looks at once, and again after each answer: matching takes no longer than a question. */
const LOOKS = 4;

/**
 * Ends what an IOC order would have ended by itself: cancels what rests, until the venue says that it is over.
 * Null when that could not be learnt; nothing here may change what became of the placing.
 */
async function endedRow(exchange: Hibachi, orderId: string): Promise<Row | null> {
  try {
    for (let look = 0; look < LOOKS; look += 1) {
      const found = await askApart(() => orderRow(exchange, { orderId }));
      if (STATUSES[text(found, "status")] !== "open") return found;
      // The engine has not looked at it yet while it is pending; a cancel is in order all the same.
      await askApart(() => exchange.cancelOrder(orderId)).catch(() => undefined);
    }
  } catch {
    // Looked up later, and ended then.
  }
  return null;
}

/**
 * One by one in one request. The venue's own "cancel all" is said by its own SDK not to work; it is tried only
 * when the list or the batch fails.
 */
async function cancelAll(exchange: Hibachi, of: Listed): Promise<void> {
  const failures = await cancelListed(exchange, of).catch(() => null);
  if (failures === null) await exchange.cancelAllOrders(of.ccxtSymbol);
  else if (failures.length > 0) throw new Error(`not cancelled: ${failures.join(", ")}`);
}

/** The codes of what failed. */
async function cancelListed(exchange: Hibachi, of: Listed): Promise<readonly string[]> {
  const resting = await askApart(() => restingRows(exchange));
  const ids = resting
    .filter((one) => text(one, "symbol") === of.instrument.symbol)
    .map((one) => orderIdIn(one, "orderId"));
  if (ids.length === 0) return [];
  const answers = await exchange.cancelOrders(ids, of.ccxtSymbol);
  return answers
    .map(({ info }) => fieldOf(info, "errorCode"))
    .filter((code) => code !== undefined && code !== null)
    .map(String)
    .filter((code) => !HIBACHI_NOT_FOUND.includes(code));
}

async function cancelByNonce(exchange: Hibachi, nonce: number): Promise<void> {
  // What is signed is the eight bytes of either, so the one for an order id serves.
  const { signature } = exchange.cancelOrderRequest(String(nonce));
  const { accountId } = exchange;
  await exchange.privateDeleteTradeOrder({
    ...{ accountId: Number(accountId), nonce: String(nonce), signature },
  });
}

async function restingRows(exchange: Hibachi): Promise<readonly Row[]> {
  const { accountId } = exchange;
  return rows(await exchange.privateGetTradeOrders({ accountId }), "orders");
}

async function orderRow(
  exchange: Hibachi,
  name: { readonly orderId: string } | { readonly nonce: string },
): Promise<Row> {
  const { accountId } = exchange;
  return row(await exchange.privateGetTradeOrder({ accountId, ...name }), "order");
}

const STATUSES: Readonly<Record<string, OrderReport["status"]>> = {
  PENDING: "open",
  CHILD_PENDING: "open",
  SCHEDULED_TWAP: "open",
  PLACED: "open",
  PARTIALLY_FILLED: "open",
  FILLED: "filled",
  CANCELLED: "cancelled",
  PARTIAL_CANCELLED: "cancelled",
  REJECTED: "cancelled",
};

function listing(of: Listed): Listings {
  return new Map([[of.instrument.symbol, of]]);
}

function reportOf(listings: Listings, order: Row, memory: HibachiMemory): OrderReport {
  const symbol = text(order, "symbol");
  const units = hibachiUnits(listings, symbol);
  const orderId = orderIdIn(order, "orderId");
  const status = STATUSES[text(order, "status")];
  if (!status) throw new RetryableError(`an order of an unknown status: ${text(order, "status")}`);
  const placing = memory.ofOrderId(orderId);
  const total = decimalOrNull(order, "totalQuantity");
  const left = decimalOrNull(order, "availableQuantity");
  const size = total ? units.size(total) : (placing?.request.sizeBase ?? units.size(left ?? ZERO));
  return {
    clientOrderId: placing?.wireId ?? "",
    venueOrderId: orderId,
    symbol,
    side: text(order, "side") === "BID" ? "buy" : "sell",
    status,
    sizeBase: size,
    filledBase: baseSize(filledOf(units, order, size)),
    // Where it gives no flags, ours are what was sent.
    reduceOnly: order["orderFlags"]
      ? order["orderFlags"] === "REDUCE_ONLY"
      : (placing?.request.reduceOnly ?? false),
  };
}

function filledOf(units: Units, order: Row, size: OrderReport["sizeBase"]) {
  const status = text(order, "status");
  if (status === "FILLED") return size;
  // What is left of a rejected order is nothing, and so is what it filled.
  if (status === "REJECTED") return baseSize("0");
  const filled = decimalOrNull(order, "filledQuantity");
  if (filled) return units.size(filled);
  const left = decimalOrNull(order, "availableQuantity");
  if (!left) throw new RetryableError("availableQuantity is missing");
  return size.minus(units.size(left));
}
