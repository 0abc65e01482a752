import type { binanceusdm } from "ccxt";
import { type Decimal, isMultipleOf, ONE } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import type { OrderReport } from "#src/core/order.ts";
import type { OrderName, VenueDriver, WireOrder } from "#src/venues/ccxt/driver.ts";
import { toBase } from "#src/venues/ccxt/listed.ts";
import { decimal, type Row, row, rows, text, textOrNull } from "#src/venues/ccxt/row.ts";
import { asCcxtNumber } from "#src/venues/quirks/shared/as-ccxt-number.ts";
import type { OrderMemory } from "./binance-order-memory.ts";
import { sizeIn, unitOf } from "./binance-units.ts";

const LONGEST_WINDOW_MS = 60_000;
const TIME_IN_FORCE = { ioc: "IOC", gtc: "GTC", postOnly: "GTX" } as const;
const STATUSES: Readonly<Record<string, OrderReport["status"]>> = {
  NEW: "open",
  PARTIALLY_FILLED: "open",
  FILLED: "filled",
  CANCELED: "cancelled",
  REJECTED: "cancelled",
  // An IOC order that was cut short, with whatever it had filled.
  EXPIRED: "cancelled",
  EXPIRED_IN_MATCH: "cancelled",
};

type Orders = Pick<
  VenueDriver,
  "openOrders" | "lookupOrder" | "place" | "cancel" | "cancelAll" | "setLeverage"
>;

/** Binance's orders; `memory` is told of each. */
export function createBinanceOrders(api: binanceusdm, memory: OrderMemory): Orders {
  return {
    async openOrders(listings) {
      const open = rows(await api.fapiPrivateGetOpenOrders(), "openOrders");
      for (const order of open) memory.note(order);
      return open.map((order) => reportOf(order, unitOf(text(order, "symbol"), listings)));
    },
    async lookupOrder({ instrument: { symbol, contractSizeBase } }, name) {
      memory.touch(symbol);
      const request = { symbol, ...binanceNameOf(name) };
      const order = row(await api.fapiPrivateGetOrder(request), "order");
      memory.note(order);
      return reportOf(order, contractSizeBase);
    },
    async place(of, order) {
      const { symbol } = of.instrument;
      memory.touch(symbol);
      const { info } = await api.createOrder(
        ...([of.ccxtSymbol, "limit", order.request.side] as const),
        ...([asCcxtNumber(order.amount), asCcxtNumber(order.price)] as const),
        paramsOf(order),
      );
      const placed = row(info, "order");
      if ((textOrNull(placed, "clientOrderId") ?? order.wireId) !== order.wireId) {
        throw new RetryableError("the answer is about another order");
      }
      memory.name(symbol, text(placed, "orderId"), order.wireId);
      const status = binanceStatusOf(placed);
      const isOver = status !== "open" || order.request.timeInForce !== "ioc";
      return {
        venueOrderId: text(placed, "orderId"),
        status: isOver ? status : null,
        filledBase: isOver ? toBase(of, decimal(placed, "executedQty")) : null,
      };
    },
    async cancel({ ccxtSymbol }, { wireId, venueOrderId }) {
      const params = wireId === "" ? {} : { origClientOrderId: wireId };
      await api.cancelOrder(venueOrderId, ccxtSymbol, params);
    },
    async cancelAll({ ccxtSymbol }) {
      await api.cancelAllOrders(ccxtSymbol);
    },
    async setLeverage({ ccxtSymbol }, leverage) {
      if (!isMultipleOf(leverage, ONE)) throw new RangeError("leverage is a whole number here");
      await api.setLeverage(asCcxtNumber(leverage.toFixed()), ccxtSymbol);
    },
  };
}

function paramsOf(order: WireOrder): Record<string, unknown> {
  return {
    newClientOrderId: order.wireId,
    timeInForce: TIME_IN_FORCE[order.request.timeInForce],
    ...binanceFenceOf(order),
    ...(order.request.reduceOnly && { reduceOnly: true }),
  };
}

/** The fence is timestamp + recvWindow: Binance checks it at its gate and again in its matching engine. */
export function binanceFenceOf(order: WireOrder): Record<"timestamp" | "recvWindow", number> {
  const lifeMs = Math.trunc(order.lifeMs);
  const recvWindow = Math.min(lifeMs, LONGEST_WINDOW_MS);
  if (recvWindow < 1) throw new RangeError("the fence has passed");
  return { timestamp: order.expiresAt - lifeMs, recvWindow };
}

export function binanceNameOf({ wireId, venueOrderId }: OrderName): Record<string, string> {
  return wireId === "" ? { orderId: venueOrderId } : { origClientOrderId: wireId };
}

function reportOf(order: Row, unit: Decimal): OrderReport {
  return {
    clientOrderId: text(order, "clientOrderId"),
    venueOrderId: text(order, "orderId"),
    symbol: text(order, "symbol"),
    side: text(order, "side") === "BUY" ? "buy" : "sell",
    status: binanceStatusOf(order),
    sizeBase: sizeIn(unit, decimal(order, "origQty")),
    filledBase: sizeIn(unit, decimal(order, "executedQty")),
    reduceOnly: textOrNull(order, "reduceOnly") === "true",
  };
}

export function binanceStatusOf(order: Row): OrderReport["status"] {
  const said = text(order, "status");
  const status = STATUSES[said];
  if (!status) throw new RetryableError(`an order has the unknown status ${said}`);
  return status;
}
