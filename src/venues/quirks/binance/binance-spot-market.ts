import type { binanceusdm, Market } from "ccxt";
import { type Decimal, parseDecimal } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import { borrowPerHour } from "#src/core/figures/borrow.ts";
import { DAY_MS } from "#src/core/funding.ts";
import { type EpochMs, notionalUsd } from "#src/core/units.ts";
import type { Listed, Listings } from "#src/venues/ccxt/driver.ts";
import { fromWirePrice, toBase } from "#src/venues/ccxt/listed.ts";
import { decimal, decimalOrNull, row, rows, text, textOrNull } from "#src/venues/ccxt/row.ts";
import { bookLevels } from "#src/venues/quirks/shared/book-levels.ts";
import { listSpot } from "#src/venues/spot/list-spot.ts";
import { medianPrice } from "#src/venues/spot/median-price.ts";
import type { SpotDriver } from "#src/venues/spot/spot-driver.ts";
import { wireSymbolOf } from "#src/venues/spot/spot-symbols.ts";

const BOOK_LEVELS = 100;

type SpotMarket = Pick<
  SpotDriver,
  "orderBook" | "marketStats" | "marks" | "borrowRates" | "priceAt"
>;

/** Null for anything but a spot market against dollars that cross margin may trade. */
export function listBinanceSpot(market: Market, venue: string): Listed | null {
  const info = row(market?.info ?? {}, "market");
  const isOurs =
    textOrNull(info, "contractType") === null &&
    textOrNull(info, "status") === "TRADING" &&
    textOrNull(info, "isMarginTradingAllowed") === "true";
  if (!isOurs) return null;
  const filters = new Map(
    rows(info["filters"], "filters").map((one) => [textOrNull(one, "filterType"), one]),
  );
  const figure = (types: readonly string[], key: string) => {
    const found = types.map((type) => filters.get(type)).find((one) => one !== undefined);
    return found ? decimalOrNull(found, key) : null;
  };
  return listSpot(market, venue, {
    ...{ info, isTraded: true, symbol: textOrNull(info, "symbol") },
    coin: textOrNull(info, "baseAsset"),
    quote: textOrNull(info, "quoteAsset"),
    lotStep: figure(["LOT_SIZE"], "stepSize"),
    minSize: figure(["LOT_SIZE"], "minQty"),
    minNotionalUsd: figure(["NOTIONAL", "MIN_NOTIONAL"], "minNotional"),
    tick: figure(["PRICE_FILTER"], "tickSize"),
  });
}

export function binanceSpotMarket(api: binanceusdm): SpotMarket {
  return {
    async orderBook(of) {
      const params = { symbol: wireSymbolOf(of), limit: BOOK_LEVELS };
      const book = row(await api.publicGetDepth(params), "depth");
      return { bids: bookLevels(of, book["bids"]), asks: bookLevels(of, book["asks"]) };
    },
    async marketStats(of) {
      const symbol = wireSymbolOf(of);
      const ticker = row(await api.publicGetTicker24hr({ symbol }), "ticker");
      const [last, bid, ask] = ["lastPrice", "bidPrice", "askPrice"].map((key) =>
        decimalOrNull(ticker, key),
      );
      const price = medianPrice(last ?? null, bid ?? null, ask ?? null);
      if (!price) throw new RetryableError(`no price of ${symbol}`);
      const volume = decimalOrNull(ticker, "quoteVolume");
      return {
        markPrice: fromWirePrice(of, price),
        indexPrice: null,
        openInterestBase: null,
        volume24hUsd: volume && notionalUsd(volume),
      };
    },
    marks: () => binancePrices(api),
    // The venue tells its rates to accounts only.
    borrowRates: api.checkRequiredCredentials(false)
      ? (listings) => borrowRates(api, listings)
      : null,
    priceAt: (coin, at) => binancePriceAt(api, coin, at),
  };
}

/** The last price of every spot market. */
export async function binancePrices(api: binanceusdm): Promise<ReadonlyMap<string, Decimal>> {
  const all = rows(await api.publicGetTickerPrice(), "prices");
  return new Map(all.map((one) => [text(one, "symbol"), decimal(one, "price")]));
}

/** The open of that minute: its close is still moving while the minute runs. */
export async function binancePriceAt(
  api: binanceusdm,
  coin: string,
  startTime: EpochMs,
): Promise<Decimal> {
  const which = { symbol: `${coin}USDT`, interval: "1m", startTime, limit: 1 };
  const answer: unknown = await api.publicGetKlines(which);
  const [kline]: unknown[] = Array.isArray(answer) ? answer : [];
  const [openTime, open]: unknown[] = Array.isArray(kline) ? kline : [];
  const price = Number(openTime) === startTime ? parseDecimal(String(open)) : null;
  if (!price) throw new RetryableError(`no price of ${coin} at ${startTime}`);
  return price;
}

/** Cross margin, at the account's own level; rates are of a day. */
async function borrowRates(api: binanceusdm, listings: Listings) {
  const lent = rows(await api.sapiGetMarginCrossMarginData(), "crossMarginData");
  const byCoin = new Map(lent.map((one) => [text(one, "coin"), one]));
  return [...listings.values()].flatMap((of) => {
    const offer = of.instrument.kind === "spot" ? byCoin.get(of.coin ?? "") : undefined;
    if (!offer || text(offer, "borrowable") !== "true") return [];
    const { perHour } = borrowPerHour(decimal(offer, "dailyInterest"), DAY_MS);
    const limit = decimalOrNull(offer, "borrowLimit");
    return { asset: of.instrument.asset, perHour, maxBorrowBase: limit && toBase(of, limit) };
  });
}
