import { HOUR_MS } from "#src/core/funding.ts";
import { notionalUsd, rate } from "#src/core/units.ts";
import type { VenueDriver } from "#src/venues/ccxt/driver.ts";
import { fromWirePrice, toBase } from "#src/venues/ccxt/listed.ts";
import { decimal, decimalOrNull, millis, text } from "#src/venues/ccxt/row.ts";
import { rawFundingRate } from "#src/venues/funding/raw-funding-rate.ts";
import { bookLevels } from "#src/venues/quirks/shared/book-levels.ts";
import { hourOf } from "#src/venues/quirks/shared/hour-of.ts";
import { httpDate } from "#src/venues/quirks/shared/http-date.ts";
import { dataOf, type Extended, listOf, pagesSince } from "./extended-api.ts";

type Market = Pick<
  VenueDriver,
  "time" | "fundingRates" | "fundingHistory" | "orderBook" | "marketStats"
>;

/** Asked for only to see the time: any market that is sure to exist. */
const CLOCK_MARKET = "BTC-USD";
/** The most that one page of past rates may have is 10,000. */
const RATES_A_PAGE = 1_000;
const LEVEL = ["price", "qty"] as const;

export function extendedMarket(exchange: Extended): Market {
  return {
    async time() {
      await exchange.v1PublicGetInfoMarketsMarketStats({ market: CLOCK_MARKET });
      return httpDate(exchange);
    },
    async fundingRates(listings) {
      const markets = listOf(await exchange.v1PublicGetInfoMarkets());
      const known = markets.filter((market) => listings.has(text(market, "name")));
      return known
        .map((market) => rawFundingRate("extended", text(market, "name"), market))
        .filter((sample) => sample !== null);
    },
    async fundingHistory(of, since) {
      const market = of.instrument.symbol;
      // Paid about a second after the hour, so this hour's is still to come when it is asked for too early.
      const span = { market, startTime: since, endTime: exchange.milliseconds() + HOUR_MS };
      const all = await pagesSince(
        (page) => exchange.v1PublicGetInfoMarketFunding({ ...span, ...page }),
        since,
        "T",
        RATES_A_PAGE,
      );
      return all.map((one) => ({
        symbol: market,
        rate: rate(decimal(one, "f")),
        intervalHours: "1",
        fundingAt: hourOf(millis(one, "T")),
      }));
    },
    async orderBook(of) {
      const { symbol } = of.instrument;
      const book = dataOf(await exchange.v1PublicGetInfoMarketsMarketOrderbook({ market: symbol }));
      return { bids: bookLevels(of, book["bid"], LEVEL), asks: bookLevels(of, book["ask"], LEVEL) };
    },
    async marketStats(of) {
      const { symbol } = of.instrument;
      const stats = dataOf(await exchange.v1PublicGetInfoMarketsMarketStats({ market: symbol }));
      const [index, open, volume] = [
        decimalOrNull(stats, "indexPrice"),
        decimalOrNull(stats, "openInterestBase"),
        decimalOrNull(stats, "dailyVolume"),
      ];
      return {
        markPrice: fromWirePrice(of, decimal(stats, "markPrice")),
        indexPrice: index && fromWirePrice(of, index),
        openInterestBase: open && toBase(of, open),
        volume24hUsd: volume && notionalUsd(volume),
      };
    },
  };
}
