import { RetryableError } from "#src/core/errors.ts";
import type { OrderReport } from "#src/core/order.ts";
import type { Listings, OrderName, VenueDriver, WireOrder } from "#src/venues/ccxt/driver.ts";
import { decimal, type Row, row, text, textOrNull } from "#src/venues/ccxt/row.ts";
import { asCcxtNumber } from "#src/venues/quirks/shared/as-ccxt-number.ts";
import { bybitUnits, isPerpetual } from "./bybit-listing.ts";
import { bybitCodeOf } from "./bybit-refusals.ts";
import { allPages, type Bybit, listOf, SETTLE_COINS } from "./bybit-replies.ts";

const CATEGORY = { category: "linear" };
const OPEN = new Set(["New", "PartiallyFilled", "Untriggered", "Triggered"]);

type Orders = Pick<
  VenueDriver,
  "openOrders" | "lookupOrder" | "place" | "cancel" | "cancelAll" | "codeOf"
>;

export function bybitOrders(exchange: Bybit): Orders {
  return {
    async openOrders(listings) {
      const coins = SETTLE_COINS.map((settleCoin) =>
        allPages((params) => exchange.privateGetV5OrderRealtime(params), {
          ...{ ...CATEGORY, settleCoin, openOnly: 0, limit: 50 },
        }),
      );
      const resting = (await Promise.all(coins)).flat();
      return resting
        .filter((one) => isPerpetual(text(one, "symbol")))
        .map((one) => reportOf(one, listings));
    },
    async lookupOrder(of, name) {
      const params = { ...CATEGORY, symbol: of.instrument.symbol, ...wireNameOf(name) };
      // The first forgets what is finished when the venue restarts; the second knows it for good.
      const [now] = listOf(await exchange.privateGetV5OrderRealtime(params));
      const [past] = now ? [now] : listOf(await exchange.privateGetV5OrderHistory(params));
      return past ? reportOf(past, new Map([[of.instrument.symbol, of]])) : null;
    },
    async place(of, order) {
      const created = await exchange.createOrder(
        of.ccxtSymbol,
        "limit",
        order.request.side,
        asCcxtNumber(order.amount),
        asCcxtNumber(order.price),
        orderParams(order),
      );
      const answer = row(created.info, "order");
      if ((textOrNull(answer, "orderLinkId") ?? order.wireId) !== order.wireId) {
        throw new RetryableError("the answer is about another order");
      }
      return { venueOrderId: text(answer, "orderId"), status: null, filledBase: null };
    },
    async cancel(of, name) {
      await exchange.privatePostV5OrderCancel({
        ...{ ...CATEGORY, symbol: of.instrument.symbol },
        ...wireNameOf(name),
      });
    },
    async cancelAll(of) {
      await exchange.cancelAllOrders(of.ccxtSymbol);
    },
    codeOf: bybitCodeOf,
  };
}

/** What is given here comes after ccxt's own rounding, so that the wire carries exactly these digits. */
function orderParams({ request, wireId, amount, price }: WireOrder) {
  return {
    qty: amount,
    price,
    clientOrderId: wireId,
    timeInForce:
      request.timeInForce === "postOnly" ? "PostOnly" : request.timeInForce.toUpperCase(),
    reduceOnly: request.reduceOnly,
    // One-way: an account in hedge mode refuses it.
    positionIdx: 0,
  };
}

export function wireNameOf({ wireId, venueOrderId }: OrderName) {
  return wireId === "" ? { orderId: venueOrderId } : { orderLinkId: wireId };
}

function reportOf(from: Row, listings: Listings): OrderReport {
  const symbol = text(from, "symbol");
  const units = bybitUnits(listings, symbol);
  return {
    clientOrderId: textOrNull(from, "orderLinkId") ?? "",
    venueOrderId: text(from, "orderId"),
    symbol,
    side: text(from, "side") === "Buy" ? "buy" : "sell",
    status: bybitStatusOf(text(from, "orderStatus")),
    sizeBase: units.size(decimal(from, "qty")),
    filledBase: units.size(decimal(from, "cumExecQty")),
    reduceOnly: text(from, "reduceOnly") === "true",
  };
}

/** Rejected and deactivated ones never rested; a cancelled one may have filled in part. */
export function bybitStatusOf(status: string): OrderReport["status"] {
  if (OPEN.has(status)) return "open";
  return status === "Filled" ? "filled" : "cancelled";
}
