import type { okx as OkxExchange } from "ccxt";
import { RetryableError } from "#src/core/errors.ts";
import type { OrderReport } from "#src/core/order.ts";
import type { Listed, OrderName, Placed, VenueDriver, WireOrder } from "#src/venues/ccxt/driver.ts";
import { toBase } from "#src/venues/ccxt/listed.ts";
import { decimal, type Row, text, textOrNull } from "#src/venues/ccxt/row.ts";
import { okxPages, okxRow, okxSide } from "./okx-reply.ts";

type Orders = Pick<
  VenueDriver,
  "openOrders" | "lookupOrder" | "place" | "cancel" | "cancelAll" | "setLeverage"
>;

export const OKX_ORDER_TYPES: Readonly<Record<WireOrder["request"]["timeInForce"], string>> = {
  ioc: "ioc",
  gtc: "limit",
  postOnly: "post_only",
};

export function ordersOfOkx(exchange: OkxExchange): Orders {
  async function pending(instId?: string): Promise<readonly Row[]> {
    const which = instId === undefined ? {} : { instId };
    return okxPages(
      (page) => exchange.privateGetTradeOrdersPending({ instType: "SWAP", ...which, ...page }),
      (last) => text(last, "ordId"),
      "open orders",
    );
  }
  return {
    async openOrders(listings) {
      return (await pending()).flatMap((one) => {
        const of = listings.get(text(one, "instId"));
        return of ? [okxReportOf(of, one)] : [];
      });
    },

    async lookupOrder(of, name) {
      const instId = of.instrument.symbol;
      const answer = await exchange.privateGetTradeOrder({ instId, ...naming(name) });
      return okxReportOf(of, okxRow(answer, "order"));
    },

    place: (of, order) => place(exchange, of, order),

    async cancel(of, name) {
      const instId = of.instrument.symbol;
      const answer = await exchange.privatePostTradeCancelOrder({ instId, ...naming(name) });
      takenOn(okxRow(answer, "cancel"));
    },

    // Of cross positions in this instrument, in both directions.
    async setLeverage(of, leverage) {
      const instId = of.instrument.symbol;
      const lever = leverage.toFixed();
      await exchange.privatePostAccountSetLeverage({ instId, lever, mgnMode: "cross" });
    },

    async cancelAll(of) {
      const instId = of.instrument.symbol;
      const resting = await pending(instId);
      for (const one of resting) {
        const ordId = text(one, "ordId");
        await exchange.privatePostTradeCancelOrder({ instId, ordId }).catch(unlessGone);
      }
      // A cancel is only taken on; that nothing rests any more is known from the book alone.
      if (resting.length > 0 && (await pending(instId)).length > 0) {
        throw new RetryableError("orders still rest after the cancel");
      }
    },
  };
}

/** Not through ccxt's createOrder, which rounds in floats: this body is signed just as it stands. */
async function place(exchange: OkxExchange, of: Listed, order: WireOrder): Promise<Placed> {
  const { side, timeInForce, reduceOnly } = order.request;
  const answer = await exchange.privatePostTradeOrder({
    ...{ instId: of.instrument.symbol, tdMode: "cross", side, clOrdId: order.wireId },
    ...{ ordType: OKX_ORDER_TYPES[timeInForce], sz: order.amount, px: order.price },
    ...(reduceOnly ? { reduceOnly: true } : {}),
  });
  const taken = takenOn(okxRow(answer, "new order"));
  // What became of it only the look-up says.
  return { venueOrderId: text(taken, "ordId"), status: null, filledBase: null };
}

/** An order can fail inside of an answer that succeeded. */
export function takenOn(order: Row): Row {
  const code = text(order, "sCode");
  if (code !== "0") throw new RetryableError(`sCode ${code}`);
  return order;
}

export function naming({ wireId, venueOrderId }: OrderName): Readonly<Record<string, string>> {
  return wireId === "" ? { ordId: venueOrderId } : { clOrdId: wireId };
}

/** Filled or cancelled in the meantime: nothing is left to cancel. */
export function unlessGone(error: unknown): void {
  if (!(error instanceof Error) || error.name !== "OrderNotFound") throw error;
}

const STATES: Readonly<Record<string, OrderReport["status"]>> = {
  live: "open",
  partially_filled: "open",
  filled: "filled",
  canceled: "cancelled",
  mmp_canceled: "cancelled",
};

export function okxReportOf(of: Listed, order: Row): OrderReport {
  const status = STATES[text(order, "state")];
  if (!status) throw new RetryableError(`unknown order state ${text(order, "state")}`);
  return {
    clientOrderId: textOrNull(order, "clOrdId") ?? "",
    venueOrderId: text(order, "ordId"),
    symbol: of.instrument.symbol,
    side: okxSide(order),
    status,
    sizeBase: toBase(of, decimal(order, "sz")),
    filledBase: toBase(of, decimal(order, "accFillSz")),
    reduceOnly: text(order, "reduceOnly") === "true",
  };
}
