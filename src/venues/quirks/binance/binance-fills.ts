import type { binanceusdm } from "ccxt";
import { type Decimal, parseDecimal, sum } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import type { Fill, FillCause } from "#src/core/order.ts";
import { type EpochMs, type Usd, usd } from "#src/core/units.ts";
import type { VenueDriver } from "#src/venues/ccxt/driver.ts";
import { decimal, millis, type Row, rows, text, textOrNull } from "#src/venues/ccxt/row.ts";
import { readIncome } from "./binance-income.ts";
import { isUsdLike } from "./binance-listing.ts";
import type { OrderMemory } from "./binance-order-memory.ts";
import { readPages } from "./binance-pages.ts";
import { priceIn, sizeIn, unitOf } from "./binance-units.ts";

const LIMIT = 1000;
const WEEK_MS = 7 * 86_400_000;
const MINUTE_MS = 60_000;

type Fills = Pick<VenueDriver, "fillsOf" | "fills">;

/** Own trades: Binance gives them for one symbol at a time, and without the order's client id. */
export function createBinanceFills(api: binanceusdm, venue: string, memory: OrderMemory): Fills {
  const feeOf = valueFees(api);

  async function fillOf(trade: Row, unit: Decimal): Promise<Fill> {
    const symbol = text(trade, "symbol");
    const clientOrderId = await memory.clientIdOf(symbol, text(trade, "orderId"));
    return {
      ...{ venue, symbol, clientOrderId, tradeId: `${symbol}:${text(trade, "id")}` },
      side: text(trade, "side") === "BUY" ? "buy" : "sell",
      sizeBase: sizeIn(unit, decimal(trade, "qty")),
      price: priceIn(unit, decimal(trade, "price")),
      feeUsd: await feeOf(trade),
      liquidity: isMaker(trade) ? "maker" : "taker",
      cause: causeOf(clientOrderId),
      filledAt: millis(trade, "time"),
    };
  }

  return {
    async fillsOf({ instrument: { symbol, contractSizeBase } }, order) {
      const { venueOrderId, filledBase } = order;
      const isAll = (trades: readonly Row[]) =>
        sizeIn(contractSizeBase, sum(trades.map((one) => decimal(one, "qty")))).gte(filledBase);
      let trades = await readTradesOf(api, symbol, venueOrderId);
      const placedAt = memory.placedAt(symbol, venueOrderId);
      // Without a time Binance may look no further back than a week, and gives no more than one page.
      if (!isAll(trades) && placedAt !== null) {
        const since = await readTrades(api, symbol, placedAt);
        trades = since.filter((one) => text(one, "orderId") === venueOrderId);
      }
      if (!isAll(trades)) {
        throw new RetryableError(`not all fills of ${venueOrderId} are there yet`);
      }
      return Promise.all(trades.map((trade) => fillOf(trade, contractSizeBase)));
    },
    async fills(listings, since) {
      const symbols = await symbolsInUse(api, memory, since);
      const bySymbol = await Promise.all(
        [...symbols].map((symbol) => readTrades(api, symbol, since)),
      );
      const fills: Fill[] = [];
      // One after the other: trades of one order then ask for its client id once.
      for (const trade of bySymbol.flat()) {
        fills.push(await fillOf(trade, unitOf(text(trade, "symbol"), listings)));
      }
      return fills;
    },
  };
}

/**
 * Everything that can have traded: what had income of any kind, was touched by us, is held or has orders
 * (positionRisk names both).
 */
async function symbolsInUse(
  api: binanceusdm,
  memory: OrderMemory,
  since: EpochMs,
): Promise<ReadonlySet<string>> {
  const [income, inUse] = await Promise.all([
    readIncome(api, since),
    api.fapiPrivateV3GetPositionRisk(),
  ]);
  const named = [...income, ...rows(inUse, "positionRisk")].map((one) => textOrNull(one, "symbol"));
  return new Set([...memory.symbols, ...named.filter((symbol) => symbol !== null)]);
}

async function readTradesOf(
  api: binanceusdm,
  symbol: string,
  orderId: string,
): Promise<readonly Row[]> {
  return rows(await api.fapiPrivateGetUserTrades({ symbol, orderId, limit: LIMIT }), "userTrades");
}

function readTrades(api: binanceusdm, symbol: string, since: EpochMs): Promise<readonly Row[]> {
  return readPages({
    ...{ what: "userTrades", since, now: api.milliseconds(), stretchMs: WEEK_MS },
    ...{ limit: LIMIT, timeField: "time" },
    idOf: (trade) => text(trade, "id"),
    ask: (startTime, until) =>
      api.fapiPrivateGetUserTrades({
        ...{ symbol, startTime, limit: LIMIT },
        ...(until !== null && { endTime: until }),
      }),
  });
}

/** The fee in USD; one that was paid in another currency is valued at that minute's mark price. */
function valueFees(api: binanceusdm): (trade: Row) => Promise<Usd> {
  const prices = new Map<string, Promise<Decimal>>();

  async function readPrice(symbol: string, startTime: EpochMs): Promise<Decimal> {
    const answer: unknown = await api.fapiPublicGetMarkPriceKlines({
      ...{ symbol, startTime, endTime: startTime + MINUTE_MS - 1, interval: "1m", limit: 1 },
    });
    const [kline]: unknown[] = Array.isArray(answer) ? answer : [];
    // The minute's first price: its last one is still moving while the minute runs.
    const [openTime, open]: unknown[] = Array.isArray(kline) ? kline : [];
    const found = Number(openTime) === startTime ? parseDecimal(String(open)) : null;
    if (!found) throw new RetryableError(`no price of ${symbol} at ${startTime}`);
    return found;
  }

  return async (trade) => {
    const said = decimal(trade, "commission");
    // A taker always pays; the documentation's own example shows that with a minus sign.
    const paid = isMaker(trade) ? said : said.abs();
    const currency = text(trade, "commissionAsset");
    if (isUsdLike(currency) || paid.eq("0")) return usd(paid);
    const minute = Math.floor(millis(trade, "time") / MINUTE_MS) * MINUTE_MS;
    const key = `${currency}:${minute}`;
    const price = prices.get(key) ?? readPrice(`${currency}USDT`, minute);
    prices.set(key, price);
    price.catch(() => prices.delete(key));
    return usd(paid.times(await price));
  };
}

function isMaker(trade: Row): boolean {
  return text(trade, "maker") === "true";
}

/** Forced orders are known by the client ids that Binance gives them. */
function causeOf(clientOrderId: string): FillCause {
  if (clientOrderId.startsWith("adl_autoclose")) return "deleveraging";
  return /^(settlement_)?autoclose-/.test(clientOrderId) ? "liquidation" : "order";
}
