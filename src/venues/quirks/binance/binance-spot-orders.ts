import type { binanceusdm } from "ccxt";
import { RetryableError } from "#src/core/errors.ts";
import { DAY_MS } from "#src/core/funding.ts";
import { SPOT_SUFFIX } from "#src/core/instrument.ts";
import type { OrderReport } from "#src/core/order.ts";
import type { EpochMs } from "#src/core/units.ts";
import type { Listed, Listings, Placed, WireOrder } from "#src/venues/ccxt/driver.ts";
import { fromWirePrice, toBase } from "#src/venues/ccxt/listed.ts";
import { decimal, millis, type Row, row, rows, text, textOrNull } from "#src/venues/ccxt/row.ts";
import type { OwnSpotOrders, SpotDriver, SpotTrade } from "#src/venues/spot/spot-driver.ts";
import { wireSymbolOf } from "#src/venues/spot/spot-symbols.ts";
import type { OrderMemory } from "./binance-order-memory.ts";
import { binanceFenceOf, binanceNameOf, binanceStatusOf } from "./binance-orders.ts";
import { readPages } from "./binance-pages.ts";
import { spotSymbolsInUse } from "./binance-spot-account.ts";
import { thrownCode } from "./binance-units.ts";

const CROSS = { isIsolated: "FALSE" };
const LIMIT = 1000;
const NOTHING_RESTS = "-2011";

type Orders = Pick<
  SpotDriver,
  "openOrders" | "lookupOrder" | "tradesOf" | "trades" | "place" | "cancel" | "cancelAll"
>;

/** Orders on cross margin; `memory` is told of each. */
export function binanceSpotOrders(
  api: binanceusdm,
  parts: {
    readonly memory: OrderMemory;
    readonly own: OwnSpotOrders;
    readonly balances: SpotDriver["balances"];
  },
): Orders {
  const { memory, own, balances } = parts;

  async function tradeOf(of: Listed, one: Row): Promise<SpotTrade> {
    const [symbol, orderId] = [wireSymbolOf(of), text(one, "orderId")];
    return {
      // Perps' and spot's trades of one symbol are numbered apart.
      tradeId: `${of.instrument.symbol}:${text(one, "id")}`,
      ...{ venueOrderId: orderId, clientOrderId: await memory.clientIdOf(symbol, orderId) },
      side: text(one, "isBuyer") === "true" ? "buy" : "sell",
      size: toBase(of, decimal(one, "qty")),
      price: fromWirePrice(of, decimal(one, "price")),
      ...{ fee: decimal(one, "commission"), feeCoin: text(one, "commissionAsset") },
      liquidity: text(one, "isMaker") === "true" ? "maker" : "taker",
      filledAt: millis(one, "time"),
    };
  }

  async function inUse(listings: Listings): Promise<readonly Listed[]> {
    const touched = [...memory.symbols].map((symbol) => `${symbol}${SPOT_SUFFIX}`);
    const symbols = await spotSymbolsInUse(balances, listings, [...touched, ...own.symbols()]);
    return [...symbols].flatMap((symbol) => listings.get(symbol) ?? []);
  }

  /** One after the other: trades of one order then ask for its client id once. */
  async function tradesFrom(of: Listed, found: readonly Row[]): Promise<readonly SpotTrade[]> {
    const trades: SpotTrade[] = [];
    for (const one of found) trades.push(await tradeOf(of, one));
    return trades;
  }

  return {
    async openOrders(listings) {
      // Asked for all of its markets at once, the venue counts a request for each of them.
      const read = (await inUse(listings)).map(async (of) => {
        const which = { ...CROSS, symbol: wireSymbolOf(of) };
        return rows(await api.sapiGetMarginOpenOrders(which), "openOrders").map((order) => {
          memory.note(order);
          return reportOf(of, order);
        });
      });
      return (await Promise.all(read)).flat();
    },
    async lookupOrder(of, name) {
      const symbol = wireSymbolOf(of);
      memory.touch(symbol);
      const which = { ...CROSS, symbol, ...binanceNameOf(name) };
      const order = row(await api.sapiGetMarginOrder(which), "order");
      memory.note(order);
      return reportOf(of, order);
    },
    async tradesOf(of, { venueOrderId: orderId }) {
      const which = { ...CROSS, symbol: wireSymbolOf(of), orderId, limit: LIMIT };
      return tradesFrom(of, rows(await api.sapiGetMarginMyTrades(which), "myTrades"));
    },
    async trades(listings, since) {
      const read = (await inUse(listings)).map(async (of) => {
        const found = await readTrades(api, wireSymbolOf(of), since);
        return [of, await tradesFrom(of, found)] as const;
      });
      return new Map(await Promise.all(read));
    },
    async place(of, order) {
      memory.touch(wireSymbolOf(of));
      const placed = await place(api, of, order);
      memory.name(wireSymbolOf(of), placed.venueOrderId, order.wireId);
      return placed;
    },
    async cancel(of, name) {
      const which = { ...CROSS, symbol: wireSymbolOf(of), ...binanceNameOf(name) };
      await api.sapiDeleteMarginOrder(which);
    },
    async cancelAll(of) {
      try {
        await api.sapiDeleteMarginOpenOrders({ ...CROSS, symbol: wireSymbolOf(of) });
      } catch (error) {
        if (thrownCode(error) !== NOTHING_RESTS) throw error;
      }
    },
  };
}

async function place(api: binanceusdm, of: Listed, order: WireOrder): Promise<Placed> {
  const { side, timeInForce } = order.request;
  const rests = timeInForce === "ioc" ? "IOC" : "GTC";
  const answer = await api.sapiPostMarginOrder({
    ...{ ...CROSS, symbol: wireSymbolOf(of), side: side.toUpperCase() },
    ...{ quantity: order.amount, price: order.price, newOrderRespType: "ACK" },
    ...(timeInForce === "postOnly"
      ? { type: "LIMIT_MAKER" }
      : { type: "LIMIT", timeInForce: rests }),
    sideEffectType: sideEffectOf(order),
    newClientOrderId: order.wireId,
    ...binanceFenceOf(order),
  });
  const placed = row(answer, "order");
  if ((textOrNull(placed, "clientOrderId") ?? order.wireId) !== order.wireId) {
    throw new RetryableError("the answer is about another order");
  }
  return { venueOrderId: text(placed, "orderId"), status: null, filledBase: null };
}

/** Only a sale that opens borrows, and only a purchase that closes repays. */
function sideEffectOf({ request: { side, reduceOnly } }: WireOrder): string {
  if (side === "sell" && !reduceOnly) return "MARGIN_BUY";
  return side === "buy" && reduceOnly ? "AUTO_REPAY" : "NO_SIDE_EFFECT";
}

/** The last thousand are one question; what goes further back is asked for day by day, as the venue wants. */
async function readTrades(
  api: binanceusdm,
  symbol: string,
  since: EpochMs,
): Promise<readonly Row[]> {
  const which = { ...CROSS, symbol, limit: LIMIT };
  const last = rows(await api.sapiGetMarginMyTrades(which), "myTrades");
  const oldest = Math.min(...last.map((one) => millis(one, "time")));
  if (last.length < LIMIT || oldest < since) {
    return last.filter((one) => millis(one, "time") >= since);
  }
  return readPages({
    ...{ what: "myTrades", since, now: api.milliseconds(), stretchMs: DAY_MS },
    ...{ limit: LIMIT, timeField: "time", idOf: (one: Row) => text(one, "id") },
    ask: (startTime, until) =>
      api.sapiGetMarginMyTrades({ ...which, startTime, ...(until !== null && { endTime: until }) }),
  });
}

function reportOf(of: Listed, order: Row): OrderReport {
  return {
    clientOrderId: text(order, "clientOrderId"),
    venueOrderId: text(order, "orderId"),
    symbol: of.instrument.symbol,
    side: text(order, "side") === "BUY" ? "buy" : "sell",
    status: binanceStatusOf(order),
    sizeBase: toBase(of, decimal(order, "origQty")),
    filledBase: toBase(of, decimal(order, "executedQty")),
    // Not told: whether it may borrow is known when it is sent only.
    reduceOnly: false,
  };
}
