import type { Market } from "ccxt";
import type { BookLevel } from "#src/core/book.ts";
import { dec, decFromInteger } from "#src/core/decimal.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import { canonicalAsset } from "#src/core/instrument.ts";
import { baseSize, notionalUsd, price, rate } from "#src/core/units.ts";
import type { RawFundingRate, SettledRate } from "#src/ports/venue.ts";
import type { Listed, VenueDriver, VenueProfile } from "#src/venues/ccxt/driver.ts";
import { fromWirePrice, toBase } from "#src/venues/ccxt/listed.ts";
import { decimal, decimalOrNull, millis, row, rows, text } from "#src/venues/ccxt/row.ts";
import { bookLevels } from "#src/venues/quirks/shared/book-levels.ts";
import { hourOf } from "#src/venues/quirks/shared/hour-of.ts";
import { type Hibachi, secondsAsMillis } from "./hibachi-client.ts";
import { FundingIntervals } from "./hibachi-intervals.ts";

type PublicSide = Pick<
  VenueDriver,
  "list" | "time" | "fundingRates" | "fundingHistory" | "orderBook" | "marketStats"
>;

const MOST_LEVELS = 100;

export function hibachiMarket(exchange: Hibachi, profile: VenueProfile): PublicSide {
  const settledTimes = async (symbol: string) =>
    (await settledRows(exchange, symbol)).map((one) => one.fundingAt);
  const intervals = new FundingIntervals(settledTimes);
  return {
    list: (market) => list(market, profile),
    time: async () =>
      millis(row(await exchange.publicGetExchangeUtcTimestamp(), "time"), "timestampMs"),
    async fundingRates(listings) {
      // One request a symbol: there is none for all. What one symbol lacks is not the others' loss.
      const asked = await Promise.allSettled(
        [...listings.keys()].map((symbol) => upcoming(exchange, intervals, symbol)),
      );
      const rates = asked.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
      const failed = asked.find((one) => one.status === "rejected");
      if (rates.length === 0 && failed) throw failed.reason;
      return rates;
    },
    fundingHistory: ({ instrument }) => fundingHistory(exchange, instrument.symbol),
    async orderBook(of) {
      const { symbol } = of.instrument;
      const [granularity] = listOf(of.info["orderbookGranularities"]);
      const book = await exchange.publicGetMarketDataOrderbook({
        ...{ symbol, depth: MOST_LEVELS },
        ...(granularity === undefined ? {} : { granularity }),
      });
      return { bids: levels(of, book["bid"]), asks: levels(of, book["ask"]) };
    },
    async marketStats(of) {
      const { symbol } = of.instrument;
      const [prices, interest] = await Promise.all([
        exchange.publicGetMarketDataPrices({ symbol }),
        exchange.publicGetMarketDataOpenInterest({ symbol }),
      ]);
      const spot = decimalOrNull(row(prices, "prices"), "spotPrice");
      const open = decimalOrNull(row(interest, "open interest"), "totalQuantity");
      return {
        markPrice: fromWirePrice(of, decimal(row(prices, "prices"), "markPrice")),
        indexPrice: spot && fromWirePrice(of, spot),
        openInterestBase: open && toBase(of, open),
        // It gives a volume, and does not say in which unit.
        volume24hUsd: null,
      };
    },
  };
}

function list(market: Market, profile: VenueProfile): Listed | null {
  const info = row(market?.info, "contract");
  if (!market || text(info, "status") !== "LIVE") return null;
  if (text(info, "settlementSymbol") !== "USDT") return null;
  const { asset, unitMultiplier } = canonicalAsset(text(info, "underlyingSymbol"));
  return {
    instrument: {
      ...{ venue: profile.id, symbol: text(info, "symbol"), asset, kind: "perp", linear: true },
      settleCurrency: "USDT",
      contractSizeBase: baseSize(unitMultiplier),
      lotStepBase: baseSize(decimal(info, "stepSize").times(unitMultiplier)),
      minSizeBase: baseSize(decimal(info, "minOrderSize").times(unitMultiplier)),
      minNotionalUsd: notionalUsd(decimal(info, "minNotional")),
      priceTick: price(decimal(info, "tickSize").div(unitMultiplier)),
      maxLeverage: dec("1").div(decimal(info, "initialMarginRate")),
      maintenanceRate: rate(decimal(info, "maintenanceMarginRate")),
      takerFeeRate: rate(profile.listFees.taker),
      makerFeeRate: rate(profile.listFees.maker),
    },
    ccxtSymbol: market.symbol,
    priceUnit: unitMultiplier,
    info,
  };
}

async function upcoming(
  exchange: Hibachi,
  intervals: FundingIntervals,
  symbol: string,
): Promise<Omit<RawFundingRate, "observedAt">> {
  const prices = row(await exchange.publicGetMarketDataPrices({ symbol }), "prices");
  const estimate = row(prices["fundingRateEstimation"], "funding");
  const fundingAt = hourOf(secondsAsMillis(estimate, "nextFundingTimestamp"));
  return {
    symbol,
    rate: rate(decimal(estimate, "estimatedFundingRate")),
    intervalText: await intervals.upTo(symbol, fundingAt),
    ...{ intervalHint: null, fundingAt },
  };
}

async function settledRows(exchange: Hibachi, symbol: string) {
  const answer = await exchange.publicGetMarketDataFundingRates({ symbol });
  return rows(answer["data"], "funding history")
    .map((one) => ({
      rate: rate(decimal(one, "fundingRate")),
      fundingAt: hourOf(secondsAsMillis(one, "fundingTimestamp")),
    }))
    .toSorted((a, b) => a.fundingAt - b.fundingAt);
}

/** Each rate with the time since the one before it. The oldest has none before it, and is left out. */
async function fundingHistory(exchange: Hibachi, symbol: string): Promise<readonly SettledRate[]> {
  const settled = await settledRows(exchange, symbol);
  return settled.flatMap((one, index) => {
    const before = settled[index - 1];
    if (!before || before.fundingAt === one.fundingAt) return [];
    const hours = decFromInteger(one.fundingAt - before.fundingAt).div(decFromInteger(HOUR_MS));
    return [{ symbol, ...one, intervalHours: hours.toFixed() }];
  });
}

function levels(of: Listed, side: unknown): readonly BookLevel[] {
  return bookLevels(of, row(side, "book")["levels"], ["price", "quantity"]);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
