import { dec } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import type { OrderReport, OrderRequest } from "#src/core/order.ts";
import type { Listed, OrderName, Placed, VenueDriver, WireOrder } from "#src/venues/ccxt/driver.ts";
import { NotSentError } from "#src/venues/ccxt/not-sent.ts";
import { decimal, millis, type Row, row, text, textOrNull } from "#src/venues/ccxt/row.ts";
import { asCcxtNumber } from "#src/venues/quirks/shared/as-ccxt-number.ts";
import type { OrderTimes } from "#src/venues/quirks/shared/order-times.ts";
import { type HyperliquidClient, isMainPerp, sizeOf } from "./hyperliquid-client.ts";
import { szDecimalsOf } from "./hyperliquid-market.ts";
import { hyperliquidPrice } from "./hyperliquid-price.ts";
import { answerIn, saysAllGone, saysUnknown } from "./hyperliquid-replies.ts";

type OrderWays = Pick<
  VenueDriver,
  "place" | "cancel" | "cancelAll" | "setLeverage" | "openOrders" | "lookupOrder"
>;

const TIME_IN_FORCE = { ioc: "Ioc", gtc: "Gtc", postOnly: "Alo" } as const;
/** What our idea of the venue's clock may be wrong by. */
const CLOCK_SLACK_MS = 10_000;

/** Orders: one signed request each, nothing before it. */
export function hyperliquidOrders(client: HyperliquidClient, times: OrderTimes): OrderWays {
  const { exchange } = client;
  const openRows = async () =>
    (await client.askRows({ type: "frontendOpenOrders", user: client.user() })).filter((one) =>
      isMainPerp(text(one, "coin")),
    );
  const restingIds = async (symbol: string) =>
    (await openRows()).filter((one) => one["coin"] === symbol).map((one) => text(one, "oid"));

  return {
    async place(of, order) {
      const { request } = order;
      const limit = hyperliquidPrice(dec(order.price), szDecimalsOf(of.info), request.side);
      const answer = await exchange.createOrder(
        ...[of.ccxtSymbol, "limit", request.side, asCcxtNumber(order.amount)],
        asCcxtNumber(limit.toFixed()),
        {
          timeInForce: TIME_IN_FORCE[request.timeInForce],
          ...{ reduceOnly: request.reduceOnly, clientOrderId: order.wireId },
        },
      );
      const placed = placedOf(of, order, row(answer.info, "status of the order"));
      times.set(placed.venueOrderId, order.expiresAt - order.lifeMs - CLOCK_SLACK_MS);
      return placed;
    },

    async cancel(of, { wireId, venueOrderId }) {
      const byName = wireId === "" ? {} : { clientOrderId: wireId };
      await exchange.cancelOrder(venueOrderId, of.ccxtSymbol, byName);
    },

    // The venue has no such call: what rests is read, then cancelled in one request.
    async cancelAll(of) {
      const { symbol } = of.instrument;
      const ids = await restingIds(symbol);
      if (ids.length === 0) return;
      try {
        await exchange.cancelOrders(ids, of.ccxtSymbol);
      } catch (error) {
        // One of them may have filled meanwhile, which ccxt reports for all.
        if (!saysAllGone(answerIn(error))) throw error;
      }
    },

    async setLeverage(of, leverage) {
      const marginMode = isIsolatedOnly(of.info) ? "isolated" : "cross";
      const whole = leverage.round(0, 0);
      if (!whole.eq(leverage)) throw new NotSentError("Hyperliquid's leverage is a whole number");
      await exchange.setLeverage(Number(whole.toFixed()), of.ccxtSymbol, { marginMode });
    },

    openOrders: async () => (await openRows()).map((one) => reportOf(one, "open")),

    async lookupOrder(_of, name) {
      const answer = await orderStatus(client, name);
      if (!answer) return null;
      const order = row(answer["order"], "order");
      times.set(text(order, "oid"), millis(order, "timestamp") - CLOCK_SLACK_MS);
      return reportOf(order, statusOf(text(answer, "status")));
    },
  };
}

/** Some coins cannot share the account's margin. */
function isIsolatedOnly(info: Row): boolean {
  return textOrNull(info, "onlyIsolated") === "true" || textOrNull(info, "marginMode") !== null;
}

/** What the venue knows of one order; null when it has none by this name. */
async function orderStatus(
  client: HyperliquidClient,
  { wireId, venueOrderId }: OrderName,
): Promise<Row | null> {
  const oid = wireId === "" ? Number(venueOrderId) : wireId;
  try {
    const answer = row(
      await client.ask({ type: "orderStatus", user: client.user(), oid }),
      "order",
    );
    if (saysUnknown(answer)) return null;
    return row(answer["order"], "order");
  } catch (error) {
    if (saysUnknown(answerIn(error))) return null;
    throw error;
  }
}

function reportOf(order: Row, status: OrderReport["status"]): OrderReport {
  const symbol = text(order, "coin");
  // A take-profit on a whole position has no size of its own.
  const size = decimal(order, "origSz");
  return {
    clientOrderId: textOrNull(order, "cloid") ?? "",
    venueOrderId: text(order, "oid"),
    symbol,
    side: hyperliquidSide(order),
    status,
    sizeBase: sizeOf(symbol, size),
    filledBase: sizeOf(symbol, size.minus(decimal(order, "sz"))),
    reduceOnly: text(order, "reduceOnly") === "true",
  };
}

/** "B" bids, "A" asks; anything else is refused. */
export function hyperliquidSide(from: Row): OrderRequest["side"] {
  const side = text(from, "side");
  if (side === "B") return "buy";
  if (side === "A") return "sell";
  throw new RetryableError(`unknown side ${side}`);
}

/** "marginCanceled", "iocCancelRejected" and the like are final; a word that we do not know is no answer. */
function statusOf(said: string): OrderReport["status"] {
  if (said === "open" || said === "triggered") return "open";
  if (said === "filled") return "filled";
  if (/^(rejected|canceled|scheduledCancel|internalCancel)$|(Canceled|Rejected)$/.test(said)) {
    return "cancelled";
  }
  throw new RetryableError(`unknown order status ${said}`);
}

function placedOf({ instrument }: Listed, { request }: WireOrder, status: Row): Placed {
  const { symbol } = instrument;
  if ("filled" in status) {
    const filled = row(status["filled"], "filled");
    const filledBase = sizeOf(symbol, decimal(filled, "totalSz"));
    const whole = filledBase.gte(request.sizeBase);
    // What an immediate order did not fill is gone; a resting one's remainder may rest.
    const cut = request.timeInForce === "ioc" ? "cancelled" : null;
    return { venueOrderId: text(filled, "oid"), status: whole ? "filled" : cut, filledBase };
  }
  const resting = row(status["resting"], "resting");
  return { venueOrderId: text(resting, "oid"), status: "open", filledBase: null };
}
