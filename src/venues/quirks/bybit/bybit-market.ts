import { decFromInteger } from "#src/core/decimal.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import { type EpochMs, notionalUsd, type Rate, rate } from "#src/core/units.ts";
import type { SettledRate } from "#src/ports/venue.ts";
import type { Listed, VenueDriver } from "#src/venues/ccxt/driver.ts";
import { fromWirePrice, toBase } from "#src/venues/ccxt/listed.ts";
import {
  decimal,
  decimalOrNull,
  millis,
  millisOrNull,
  type Row,
  row,
  text,
  textOrNull,
} from "#src/venues/ccxt/row.ts";
import { bookLevels } from "#src/venues/quirks/shared/book-levels.ts";
import { type Bybit, listOf, onlyRowOf, resultOf } from "./bybit-replies.ts";
import { bybitTiers } from "./bybit-tiers.ts";

const CATEGORY = { category: "linear" };
const HISTORY_PAGE = 200;
const BOOK_DEPTH = 200;

type Market = Pick<
  VenueDriver,
  "time" | "fundingRates" | "fundingHistory" | "orderBook" | "marketStats" | "maintenanceTiers"
>;

export function bybitMarket(exchange: Bybit): Market {
  const tickers = (params: object) => exchange.publicGetV5MarketTickers({ ...CATEGORY, ...params });
  return {
    async time() {
      return millis(row(await exchange.publicGetV5MarketTime(), "reply"), "time");
    },
    async fundingRates(listings) {
      const all = listOf(await tickers({}));
      return all.flatMap((ticker) => {
        const listed = listings.get(text(ticker, "symbol"));
        const expected = decimalOrNull(ticker, "fundingRate");
        return listed && expected ? [upcoming(ticker, rate(expected), listed)] : [];
      });
    },
    async fundingHistory(of, since) {
      return withIntervals(await stampsSince(exchange, of, since), of);
    },
    async orderBook(of) {
      const params = { ...CATEGORY, symbol: of.instrument.symbol, limit: BOOK_DEPTH };
      const book = resultOf(await exchange.publicGetV5MarketOrderbook(params));
      return { bids: bookLevels(of, book["b"]), asks: bookLevels(of, book["a"]) };
    },
    async marketStats(of) {
      const ticker = onlyRowOf(await tickers({ symbol: of.instrument.symbol }));
      const index = decimalOrNull(ticker, "indexPrice");
      const openInterest = decimalOrNull(ticker, "openInterest");
      const turnover = decimalOrNull(ticker, "turnover24h");
      return {
        markPrice: fromWirePrice(of, decimal(ticker, "markPrice")),
        indexPrice: index ? fromWirePrice(of, index) : null,
        openInterestBase: openInterest ? toBase(of, openInterest) : null,
        volume24hUsd: turnover ? notionalUsd(turnover) : null,
      };
    },
    async maintenanceTiers(of) {
      const params = { ...CATEGORY, symbol: of.instrument.symbol };
      return bybitTiers(listOf(await exchange.publicGetV5MarketRiskLimit(params)));
    },
  };
}

/** The ticker's hours are fresh but whole ("0" for half an hour); the listing's minutes are exact. */
function upcoming(ticker: Row, expected: Rate, listed: Listed) {
  const hours = textOrNull(ticker, "fundingIntervalHour");
  const minutes = textOrNull(listed.info, "fundingInterval");
  const cap = decimalOrNull(listed.info, "upperFundingRate");
  return {
    symbol: listed.instrument.symbol,
    rate: expected,
    intervalText: hours === null ? null : `${hours}h`,
    intervalHint: minutes === null ? null : `${minutes}min`,
    fundingAt: millisOrNull(ticker, "nextFundingTime"),
    capRate: cap?.gt("0") ? rate(cap) : null,
  };
}

/** Newest first, with at least one stamp before `since` where there is one, to know the first interval. */
async function stampsSince(exchange: Bybit, of: Listed, since: EpochMs): Promise<readonly Row[]> {
  const found: Row[] = [];
  const { symbol } = of.instrument;
  let until: EpochMs | null = null;
  for (;;) {
    const page: readonly Row[] = listOf(
      await exchange.publicGetV5MarketFundingHistory({
        ...{ ...CATEGORY, symbol, limit: HISTORY_PAGE },
        ...(until === null ? {} : { endTime: until }),
      }),
    );
    found.push(...page);
    const oldest = page.at(-1);
    if (!oldest || page.length < HISTORY_PAGE) return found;
    const at = millis(oldest, "fundingRateTimestamp");
    if (at <= since) return found;
    until = at - 1;
  }
}

/** History does not name intervals: each is the distance to the stamp before it. */
function withIntervals(newestFirst: readonly Row[], of: Listed): readonly SettledRate[] {
  const stamps = newestFirst.map((one) => millis(one, "fundingRateTimestamp"));
  return newestFirst.map((one, index) => {
    const at = stamps[index] ?? 0;
    const [before, after] = [stamps[index + 1], stamps[index - 1]];
    const gap = before === undefined ? (after ?? at) - at : at - before;
    return {
      symbol: of.instrument.symbol,
      rate: rate(decimal(one, "fundingRate")),
      intervalHours: gap > 0 ? hours(gap) : listedHours(of),
      fundingAt: at,
    };
  });
}

function hours(ms: number): string {
  return decFromInteger(ms).div(decFromInteger(HOUR_MS)).toFixed();
}

function listedHours(of: Listed): string {
  return decimal(of.info, "fundingInterval").div("60").toFixed();
}
