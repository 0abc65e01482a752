import type { Market } from "ccxt";
import type { BookLevel } from "#src/core/book.ts";
import { dec, ZERO } from "#src/core/decimal.ts";
import { canonicalAsset } from "#src/core/instrument.ts";
import { baseSize, notionalUsd, price, rate } from "#src/core/units.ts";
import type { SettledRate } from "#src/ports/venue.ts";
import type { Listed, VenueDriver, VenueProfile } from "#src/venues/ccxt/driver.ts";
import { fromWirePrice, toBase } from "#src/venues/ccxt/listed.ts";
import { decimal, decimalOrNull, row, rows, text } from "#src/venues/ccxt/row.ts";
import { bookLevels } from "#src/venues/quirks/shared/book-levels.ts";
import { hourOf } from "#src/venues/quirks/shared/hour-of.ts";
import { type Dydx, isoMillis, marketRow, marketRows } from "./dydx-client.ts";

type PublicSide = Pick<
  VenueDriver,
  "list" | "time" | "fundingRates" | "fundingHistory" | "orderBook" | "marketStats"
>;

const HISTORY_PAGE = 100;
const LEVEL = ["price", "size"] as const;

export function dydxMarket(exchange: Dydx, profile: VenueProfile): PublicSide {
  return {
    list: (market) => list(market, profile),
    time: async () => isoMillis(row(await exchange.indexerGetTime(), "time"), "iso"),
    async fundingRates(listings) {
      const markets = await marketRows(exchange);
      return [...listings.keys()].flatMap((symbol) => {
        // Absent for a moment after each settlement: then there is none, and none is not 0.
        const next = decimalOrNull(markets.get(symbol) ?? {}, "nextFundingRate");
        if (next === null) return [];
        // The indexer gives it per hour, and settles at the top of every hour.
        return [
          { symbol, rate: rate(next), intervalText: "1h", intervalHint: null, fundingAt: null },
        ];
      });
    },
    fundingHistory: (of, since) => fundingHistory(exchange, of, since),
    async orderBook(of) {
      const { symbol } = of.instrument;
      const book = row(
        await exchange.indexerGetOrderbooksPerpetualMarketMarket({ market: symbol }),
        "order book",
      );
      return uncrossed(bookLevels(of, book["bids"], LEVEL), bookLevels(of, book["asks"], LEVEL));
    },
    async marketStats(of) {
      const { symbol } = of.instrument;
      const found = marketRow(await marketRows(exchange, symbol), symbol);
      // Positions are marked, margined and charged funding at the oracle's price: there is no other.
      const oracle = fromWirePrice(of, decimal(found, "oraclePrice"));
      const volume = decimalOrNull(found, "volume24H");
      const interest = decimalOrNull(found, "openInterest");
      return {
        markPrice: oracle,
        indexPrice: oracle,
        openInterestBase: interest && toBase(of, interest),
        volume24hUsd: volume && notionalUsd(volume),
      };
    },
  };
}

const NOT_TRADED = ["INITIALIZING", "FINAL_SETTLEMENT"];
/** Markets that anybody may create have names like "PEPE,RAYDIUM,6GCI…-USD"; they are not ours to guess. */
const PLAIN_TICKER = /^([A-Z0-9]{1,15})-USD$/;

function list(market: Market, profile: VenueProfile): Listed | null {
  const info = row(market?.info, "market");
  const base = PLAIN_TICKER.exec(text(info, "ticker"))?.[1];
  // An isolated market needs a subaccount of its own, with collateral of its own.
  const cross = text(info, "marketType") === "CROSS";
  if (!market || !base || !cross || NOT_TRADED.includes(text(info, "status"))) return null;
  const { asset, unitMultiplier } = canonicalAsset(base);
  const lotStepBase = baseSize(decimal(info, "stepSize").times(unitMultiplier));
  return {
    instrument: {
      ...{ venue: profile.id, symbol: text(info, "ticker"), asset, kind: "perp", linear: true },
      settleCurrency: "USDC",
      contractSizeBase: baseSize(unitMultiplier),
      lotStepBase,
      // ccxt gives no limits; the chain's only one is the step.
      minSizeBase: lotStepBase,
      minNotionalUsd: notionalUsd("0"),
      priceTick: price(decimal(info, "tickSize").div(unitMultiplier)),
      maxLeverage: dec("1").div(decimal(info, "initialMarginFraction")),
      maintenanceRate: rate(decimal(info, "maintenanceMarginFraction")),
      takerFeeRate: rate(profile.listFees.taker),
      makerFeeRate: rate(profile.listFees.maker),
    },
    ccxtSymbol: market.symbol,
    priceUnit: unitMultiplier,
    info,
  };
}

async function fundingHistory(
  exchange: Dydx,
  { instrument: { symbol } }: Listed,
  since: number,
): Promise<readonly SettledRate[]> {
  const settled = new Map<number, SettledRate>();
  let before: number | null = null;
  for (;;) {
    const answer = await exchange.indexerGetHistoricalFundingMarket({
      ...{ market: symbol, limit: HISTORY_PAGE },
      ...(before === null ? {} : { effectiveBeforeOrAt: exchange.iso8601(before) }),
    });
    const page = rows(answer["historicalFunding"], "funding history");
    const times = page.map((one) => isoMillis(one, "effectiveAt"));
    for (const one of page) {
      // Stamped with its block, a moment after the hour that it settles.
      const fundingAt = hourOf(isoMillis(one, "effectiveAt"));
      const settledRate = rate(decimal(one, "rate"));
      settled.set(fundingAt, { symbol, rate: settledRate, intervalHours: "1", fundingAt });
    }
    const oldest = Math.min(...times);
    if (page.length < HISTORY_PAGE || oldest <= since || oldest === before) {
      return [...settled.values()];
    }
    before = oldest;
  }
}

/**
 * Nodes see orders in different sequence, so the indexer's book is crossed now and then. What crosses is
 * taken off both sides: it is no depth that an order could count on.
 */
function uncrossed(
  bids: readonly BookLevel[],
  asks: readonly BookLevel[],
): { readonly bids: readonly BookLevel[]; readonly asks: readonly BookLevel[] } {
  const [bidsLeft, asksLeft] = [[...bids], [...asks]];
  for (;;) {
    const [bid, ask] = [bidsLeft[0], asksLeft[0]];
    if (!bid || !ask || bid.price.lt(ask.price)) return { bids: bidsLeft, asks: asksLeft };
    const both = bid.sizeBase.lt(ask.sizeBase) ? bid.sizeBase : ask.sizeBase;
    for (const [side, level] of [
      [bidsLeft, bid],
      [asksLeft, ask],
    ] as const) {
      const left = level.sizeBase.minus(both);
      side.splice(0, 1, ...(left.gt(ZERO) ? [{ ...level, sizeBase: baseSize(left) }] : []));
    }
  }
}
