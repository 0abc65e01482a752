import { RetryableError } from "#src/core/errors.ts";
import type { Fill, FillCause, OrderReport, OrderSide } from "#src/core/order.ts";
import { usd } from "#src/core/units.ts";
import type { Listings, VenueDriver } from "#src/venues/ccxt/driver.ts";
import { decimal, millis, type Row, text, textOrNull } from "#src/venues/ccxt/row.ts";
import { unitsOf } from "#src/venues/quirks/shared/units-of.ts";
import {
  baseOf,
  dataOf,
  type Extended,
  listOf,
  pagesSince,
  venueSaysAbsent,
} from "./extended-api.ts";

type Orders = Pick<VenueDriver, "openOrders" | "lookupOrder" | "fillsOf" | "fills">;

const STATUSES: Readonly<Record<string, OrderReport["status"]>> = {
  NEW: "open",
  PARTIALLY_FILLED: "open",
  UNTRIGGERED: "open",
  TRIGGERED: "open",
  FILLED: "filled",
  CANCELLED: "cancelled",
  REJECTED: "cancelled",
  EXPIRED: "cancelled",
};

const CAUSES: Readonly<Record<string, FillCause>> = {
  TRADE: "order",
  LIQUIDATION: "liquidation",
  DELEVERAGE: "deleveraging",
};

const NO_LISTINGS: Listings = new Map();

export function extendedOrders(exchange: Extended): Orders {
  return {
    async openOrders(listings) {
      return listOf(await exchange.v1PrivateGetUserOrders()).map((one) => reportOf(listings, one));
    },
    async lookupOrder(_of, { wireId, venueOrderId }) {
      try {
        const found =
          wireId === ""
            ? [dataOf(await exchange.v1PrivateGetUserOrdersId({ id: venueOrderId }))]
            : listOf(
                await exchange.v1PrivateGetUserOrdersExternalExternalId({ externalId: wireId }),
              );
        const [order, ...more] = found;
        if (more.length > 0) throw new RetryableError("more than one order has this id");
        return order ? reportOf(NO_LISTINGS, order) : null;
      } catch (error) {
        if (venueSaysAbsent()) return null;
        throw error;
      }
    },
    async fillsOf(of, order) {
      const since = await placedAt(exchange, order);
      const rows = await pagesSince(
        (page) => exchange.v1PrivateGetUserTrades({ market: of.instrument.symbol, ...page }),
        since,
        "createdTime",
      );
      const own = rows.filter((one) => text(one, "orderId") === order.venueOrderId);
      return own.map((one) => fillOf(NO_LISTINGS, one, order.clientOrderId));
    },
    async fills(listings, since) {
      const rows = await pagesSince(
        (page) => exchange.v1PrivateGetUserTrades(page),
        since,
        "createdTime",
      );
      return rows.map((one) => fillOf(listings, one, ""));
    },
  };
}

/** No fill of an order is older than the order. */
async function placedAt(exchange: Extended, { venueOrderId }: OrderReport): Promise<number> {
  return millis(
    dataOf(await exchange.v1PrivateGetUserOrdersId({ id: venueOrderId })),
    "createdTime",
  );
}

function reportOf(listings: Listings, one: Row): OrderReport {
  const symbol = text(one, "market");
  const units = unitsOf(listings, symbol, baseOf(symbol));
  const status = STATUSES[text(one, "status")];
  if (!status) throw new RetryableError(`an order is ${text(one, "status")}`);
  return {
    clientOrderId: textOrNull(one, "externalId") ?? "",
    venueOrderId: text(one, "id"),
    symbol,
    side: sideOf(one),
    status,
    sizeBase: units.size(decimal(one, "qty")),
    filledBase: units.size(decimal(one, "filledQty")),
    reduceOnly: text(one, "reduceOnly") === "true",
  };
}

function fillOf(listings: Listings, one: Row, wireId: string): Fill {
  const symbol = text(one, "market");
  const units = unitsOf(listings, symbol, baseOf(symbol));
  const cause = CAUSES[text(one, "tradeType")];
  if (!cause) throw new RetryableError(`a fill is a ${text(one, "tradeType")}`);
  return {
    venue: "extended",
    symbol,
    tradeId: text(one, "id"),
    clientOrderId: textOrNull(one, "externalId") ?? wireId,
    side: sideOf(one),
    sizeBase: units.size(decimal(one, "qty")),
    price: units.price(decimal(one, "price")),
    feeUsd: usd(decimal(one, "fee")),
    liquidity: text(one, "isTaker") === "true" ? "taker" : "maker",
    cause,
    filledAt: millis(one, "createdTime"),
  };
}

function sideOf(one: Row): OrderSide {
  const side = text(one, "side");
  if (side === "BUY") return "buy";
  if (side === "SELL") return "sell";
  throw new RetryableError(`a side is ${side}`);
}
