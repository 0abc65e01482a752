import { ZERO } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import type { Fill, FillCause, OrderReport, OrderSide } from "#src/core/order.ts";
import { usd } from "#src/core/units.ts";
import type { Listings, OrderName, VenueDriver } from "#src/venues/ccxt/driver.ts";
import { decimal, millis, type Row, text, textOrNull } from "#src/venues/ccxt/row.ts";
import type { OrderTimes } from "#src/venues/quirks/shared/order-times.ts";
import { unitsOf } from "#src/venues/quirks/shared/units-of.ts";
import { accountOf, listOf, type Pacifica, rowsSince } from "./pacifica-api.ts";
import { OrderNumbers } from "./pacifica-order-numbers.ts";

type Orders = Pick<VenueDriver, "openOrders" | "lookupOrder" | "fillsOf" | "fills">;

const CAUSES: Readonly<Record<string, FillCause>> = {
  normal: "order",
  market_liquidation: "liquidation",
  backstop_liquidation: "liquidation",
  settlement: "deleveraging",
};

const SIDES: Readonly<Record<string, OrderSide>> = {
  ...{ bid: "buy", ask: "sell" },
  ...{ open_long: "buy", close_short: "buy", open_short: "sell", close_long: "sell" },
};

const LIQUIDITY: Readonly<Record<string, Fill["liquidity"]>> = {
  fulfill_maker: "maker",
  fulfill_taker: "taker",
};

const NO_LISTINGS: Listings = new Map();

export function pacificaOrders(exchange: Pacifica, times: OrderTimes): Orders {
  const numbers = new OrderNumbers((page) =>
    exchange.publicGetOrdersHistory({ ...accountOf(exchange), ...page }),
  );

  /** Its spot markets have a quote in their names: "SOL-USDC". */
  async function trades(params: Readonly<Record<string, string | number>>, since: number) {
    const all = await rowsSince(
      (page) =>
        exchange.publicGetTradesHistory({
          ...accountOf(exchange),
          start_time: since,
          ...params,
          ...page,
        }),
      since,
    );
    return all.filter((one) => !text(one, "symbol").includes("-"));
  }

  /** Newest first. */
  async function eventsOf(venueOrderId: string): Promise<readonly Row[]> {
    const events = await exchange.publicGetOrdersHistoryById({ order_id: venueOrderId });
    return listOf(events).toSorted((a, b) =>
      decimal(b, "history_id").cmp(decimal(a, "history_id")),
    );
  }

  /** An order may leave what rests for what ever was in between, never the other way. */
  async function findNumber({ wireId }: OrderName): Promise<string | null> {
    const resting = listOf(await exchange.publicGetOrders(accountOf(exchange)));
    const open = resting.find((one) => textOrNull(one, "client_order_id") === wireId);
    return open ? text(open, "order_id") : numbers.find(wireId, times.get(wireId));
  }

  return {
    async openOrders(listings) {
      const open = listOf(await exchange.publicGetOrders(accountOf(exchange)));
      return open.map((one) => reportOf(listings, one));
    },
    async lookupOrder(_of, name) {
      const venueOrderId = name.venueOrderId || (await findNumber(name));
      if (venueOrderId === null) return null;
      const [last] = await eventsOf(venueOrderId);
      // Known by its number, so it exists: it is only not in the history yet.
      if (!last) throw new RetryableError("the order's history is not there yet");
      return reportOf(NO_LISTINGS, last);
    },
    async fillsOf(of, order) {
      const events = await eventsOf(order.venueOrderId);
      const times = events.map((one) => millis(one, "created_at"));
      if (times.length === 0) throw new RetryableError("the order's history is not there yet");
      const all = await trades({ symbol: of.instrument.symbol }, Math.min(...times));
      const own = all.filter((one) => textOrNull(one, "order_id") === order.venueOrderId);
      return own.map((one) => fillOf(NO_LISTINGS, one, order.clientOrderId));
    },
    async fills(listings, since) {
      return (await trades({}, since)).map((one) => fillOf(listings, one, ""));
    },
  };
}

function reportOf(listings: Listings, one: Row): OrderReport {
  const symbol = text(one, "symbol");
  const units = unitsOf(listings, symbol, symbol);
  return {
    clientOrderId: textOrNull(one, "client_order_id") ?? "",
    venueOrderId: text(one, "order_id"),
    symbol,
    side: oneOf(SIDES, one, "side"),
    status: statusOf(one),
    sizeBase: units.size(decimal(one, "initial_amount")),
    filledBase: units.size(decimal(one, "filled_amount")),
    reduceOnly: text(one, "reduce_only") === "true",
  };
}

/** By what is left, because an order that was cut short after a part keeps the word for that part. */
function statusOf(one: Row): OrderReport["status"] {
  const [all, filled, cancelled] = [
    decimal(one, "initial_amount"),
    decimal(one, "filled_amount"),
    decimal(one, "cancelled_amount"),
  ];
  if (filled.gte(all)) return "filled";
  const over = ["cancelled", "rejected"].includes(textOrNull(one, "order_status") ?? "");
  return over || all.minus(filled).minus(cancelled).lte(ZERO) ? "cancelled" : "open";
}

function fillOf(listings: Listings, one: Row, wireId: string): Fill {
  const symbol = text(one, "symbol");
  const units = unitsOf(listings, symbol, symbol);
  return {
    venue: "pacifica",
    symbol,
    tradeId: text(one, "history_id"),
    clientOrderId: textOrNull(one, "client_order_id") ?? wireId,
    side: oneOf(SIDES, one, "side"),
    sizeBase: units.size(decimal(one, "amount")),
    // `entry_price` is the position's, not the fill's.
    price: units.price(decimal(one, "price")),
    feeUsd: usd(decimal(one, "fee")),
    liquidity: oneOf(LIQUIDITY, one, "event_type"),
    cause: oneOf(CAUSES, one, "cause"),
    filledAt: millis(one, "created_at"),
  };
}

function oneOf<T>(table: Readonly<Record<string, T>>, one: Row, field: string): T {
  const word = text(one, field);
  const found = Object.hasOwn(table, word) ? table[word] : undefined;
  if (found === undefined) throw new RetryableError(`${field} is ${word}`);
  return found;
}
