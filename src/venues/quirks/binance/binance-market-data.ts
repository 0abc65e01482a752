import type { binanceusdm } from "ccxt";
import type { Decimal } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import { type EpochMs, notionalUsd, type Rate, rate } from "#src/core/units.ts";
import type { SettledRate } from "#src/ports/venue.ts";
import type { VenueDriver } from "#src/venues/ccxt/driver.ts";
import { fromWirePrice, toBase } from "#src/venues/ccxt/listed.ts";
import {
  decimal,
  decimalOrNull,
  millis,
  millisOrNull,
  type Row,
  row,
  rows,
  text,
} from "#src/venues/ccxt/row.ts";
import { bookLevels } from "#src/venues/quirks/shared/book-levels.ts";
import { readPages } from "./binance-pages.ts";

const DAY_MS = 24 * HOUR_MS;
const INTERVALS_FRESH_MS = 3 * 60_000;
const BOOK_LEVELS = 100;
const HISTORY_LIMIT = 1000;

type MarketData = Pick<
  VenueDriver,
  "time" | "fundingRates" | "fundingHistory" | "orderBook" | "marketStats"
>;

/** Binance's public side. */
export function createBinanceMarketData(api: binanceusdm): MarketData {
  const termsOf = readTerms(api);
  return {
    time: async () => millis(row(await api.fapiPublicGetTime(), "time"), "serverTime"),
    async fundingRates(listings) {
      const [premiums, terms] = await Promise.all([api.fapiPublicGetPremiumIndex(), termsOf()]);
      return rows(premiums, "premiumIndex").flatMap((one) => {
        const symbol = text(one, "symbol");
        // "lastFundingRate" is the estimate for nextFundingTime, in spite of its name.
        const upcoming = decimalOrNull(one, "lastFundingRate");
        // 0 where nothing is settled any more, which the list may not know yet.
        const fundingAt = millisOrNull(one, "nextFundingTime");
        if (!listings.has(symbol) || upcoming === null || fundingAt === null) return [];
        return {
          symbol,
          rate: rate(upcoming),
          intervalText: `${terms(symbol).hours}h`,
          intervalHint: null,
          fundingAt,
          capRate: terms(symbol).capRate,
        };
      });
    },
    async fundingHistory({ instrument: { symbol } }, since) {
      const terms = await termsOf();
      // A rate is for the hours since the settlement before it, so one more is asked for.
      const settlements = await readSettlements(api, symbol, since - DAY_MS);
      return settlements.map((one, index) => {
        const before = settlements[index - 1];
        const hours = before ? (one.fundingAt - before.fundingAt) / HOUR_MS : terms(symbol).hours;
        const { fundingAt, rate: settledRate } = one;
        return { fundingAt, rate: settledRate, symbol, intervalHours: String(hours) };
      });
    },
    async orderBook(of) {
      const { symbol } = of.instrument;
      const book = row(await api.fapiPublicGetDepth({ symbol, limit: BOOK_LEVELS }), "depth");
      return { bids: bookLevels(of, book["bids"]), asks: bookLevels(of, book["asks"]) };
    },
    async marketStats(of) {
      const { symbol } = of.instrument;
      const answers = await Promise.all([
        api.fapiPublicGetPremiumIndex({ symbol }),
        api.fapiPublicGetOpenInterest({ symbol }),
        api.fapiPublicGetTicker24hr({ symbol }),
      ]);
      const [premium, interest, ticker] = answers.map((one) => row(one, "market statistics"));
      if (!premium || !interest || !ticker) throw new RetryableError("no market statistics");
      const index = decimalOrNull(premium, "indexPrice");
      const open = decimalOrNull(interest, "openInterest");
      const volume = decimalOrNull(ticker, "quoteVolume");
      return {
        markPrice: fromWirePrice(of, decimal(premium, "markPrice")),
        indexPrice: index?.gt("0") ? fromWirePrice(of, index) : null,
        openInterestBase: open && toBase(of, open),
        volume24hUsd: volume && notionalUsd(volume),
      };
    },
  };
}

interface Settlement {
  readonly fundingAt: EpochMs;
  readonly rate: SettledRate["rate"];
  /** In the venue's own unit; null where it is not told, as of old ones. */
  readonly markPrice: Decimal | null;
}

/** Realised rates of one symbol, oldest first. */
export async function readSettlements(
  api: binanceusdm,
  symbol: string,
  since: EpochMs,
): Promise<readonly Settlement[]> {
  const found = await readPages({
    ...{ what: "fundingRate", since, now: api.milliseconds(), stretchMs: null },
    ...{ limit: HISTORY_LIMIT, timeField: "fundingTime" },
    idOf: (one) => text(one, "fundingTime"),
    ask: (startTime) => api.fapiPublicGetFundingRate({ symbol, startTime, limit: HISTORY_LIMIT }),
  });
  return found
    .map((one) => ({
      fundingAt: settlementTime(one, "fundingTime"),
      rate: rate(decimal(one, "fundingRate")),
      markPrice: positive(decimalOrNull(one, "markPrice")),
    }))
    .sort((a, b) => a.fundingAt - b.fundingAt);
}

function positive(value: Decimal | null): Decimal | null {
  return value?.gt("0") ? value : null;
}

/** Stamps are some milliseconds off the hour that they belong to. */
export function settlementTime(of: Row, key: string): EpochMs {
  return Math.round(millis(of, key) / HOUR_MS) * HOUR_MS;
}

/** How a symbol is settled: hours between payments, and the largest rate where the venue says it. */
interface Terms {
  readonly hours: string;
  readonly capRate: Rate | null;
}

const USUAL: Terms = { hours: "8", capRate: null };

/** The venue lists those symbols whose terms differ from its usual 8 hours. */
function readTerms(api: binanceusdm): () => Promise<(symbol: string) => Terms> {
  let known: ReadonlyMap<string, Terms> = new Map();
  let readAt = Number.NEGATIVE_INFINITY;
  return async () => {
    if (api.milliseconds() - readAt >= INTERVALS_FRESH_MS) {
      const answer = rows(await api.fapiPublicGetFundingInfo(), "fundingInfo");
      // Most instruments are on it: without it nobody knows which of them settle every 8 hours.
      if (answer.length === 0) throw new RetryableError("fundingInfo is empty");
      known = new Map(
        answer.map((one) => {
          const cap = decimalOrNull(one, "adjustedFundingRateCap");
          const capRate = cap?.gt("0") ? rate(cap) : null;
          const hours = decimal(one, "fundingIntervalHours").toFixed();
          return [text(one, "symbol"), { hours, capRate }];
        }),
      );
      readAt = api.milliseconds();
    }
    return (symbol) => known.get(symbol) ?? USUAL;
  };
}
