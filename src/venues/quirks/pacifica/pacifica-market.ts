import { RetryableError } from "#src/core/errors.ts";
import { notionalUsd, rate } from "#src/core/units.ts";
import type { VenueDriver } from "#src/venues/ccxt/driver.ts";
import { fromWirePrice } from "#src/venues/ccxt/listed.ts";
import { decimal, decimalOrNull, millis, type Row, text } from "#src/venues/ccxt/row.ts";
import { rawFundingRate } from "#src/venues/funding/raw-funding-rate.ts";
import { bookLevels } from "#src/venues/quirks/shared/book-levels.ts";
import { hourOf } from "#src/venues/quirks/shared/hour-of.ts";
import { dataOf, listOf, type Pacifica, rowsSince } from "./pacifica-api.ts";

type Market = Pick<
  VenueDriver,
  "time" | "fundingRates" | "fundingHistory" | "orderBook" | "marketStats"
>;

/** Asked for only to see the time: any market that is sure to exist. */
const CLOCK_MARKET = "BTC";
/** The most that one page of past rates may have is 4,000. */
const RATES_A_PAGE = 1_000;
const LEVEL = ["p", "a"] as const;

export function pacificaMarket(exchange: Pacifica): Market {
  return {
    async time() {
      return millis(dataOf(await exchange.publicGetBook({ symbol: CLOCK_MARKET })), "t");
    },
    async fundingRates(listings) {
      const prices = listOf(await exchange.publicGetInfoPrices());
      return prices
        .filter((info) => listings.has(text(info, "symbol")))
        .map((info) => rawFundingRate("pacifica", text(info, "symbol"), { info }))
        .filter((sample) => sample !== null);
    },
    async fundingHistory(of, since) {
      const { symbol } = of.instrument;
      const all = await rowsSince(
        (page) => exchange.publicGetFundingRateHistory({ symbol, ...page }),
        since,
        RATES_A_PAGE,
      );
      return all.map((one) => ({
        symbol,
        rate: rate(decimal(one, "funding_rate")),
        intervalHours: "1",
        fundingAt: hourOf(millis(one, "created_at")),
      }));
    },
    async orderBook(of) {
      const { symbol } = of.instrument;
      const book = dataOf(await exchange.publicGetBook({ symbol, agg_level: 1 }));
      const sides = Array.isArray(book["l"]) ? book["l"] : [];
      return { bids: bookLevels(of, sides[0], LEVEL), asks: bookLevels(of, sides[1], LEVEL) };
    },
    async marketStats(of) {
      const prices = listOf(await exchange.publicGetInfoPrices());
      const info = pricesOf(prices, of.instrument.symbol);
      const [oracle, volume] = [decimalOrNull(info, "oracle"), decimalOrNull(info, "volume_24h")];
      return {
        markPrice: fromWirePrice(of, decimal(info, "mark")),
        indexPrice: oracle && fromWirePrice(of, oracle),
        // Its documents say USD, ccxt says coins: not known, then.
        openInterestBase: null,
        volume24hUsd: volume && notionalUsd(volume),
      };
    },
  };
}

/** One market's row in the list of all prices. */
export function pricesOf(prices: readonly Row[], symbol: string): Row {
  const info = prices.find((one) => text(one, "symbol") === symbol);
  if (!info) throw new RetryableError(`there is no price of ${symbol}`);
  return info;
}
