import type { Market } from "ccxt";
import { ONE } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import { canonicalAsset } from "#src/core/instrument.ts";
import { baseSize, notionalUsd, price, rate } from "#src/core/units.ts";
import type { Listed, VenueDriver } from "#src/venues/ccxt/driver.ts";
import {
  decimal,
  decimalOrNull,
  millis,
  type Row,
  row,
  rows,
  text,
  textOrNull,
} from "#src/venues/ccxt/row.ts";
import { bookLevels } from "#src/venues/quirks/shared/book-levels.ts";
import { hourOf } from "#src/venues/quirks/shared/hour-of.ts";
import { type HyperliquidClient, isMainPerp, priceOf, sizeOf } from "./hyperliquid-client.ts";
import { hyperliquidPages } from "./hyperliquid-pages.ts";
import { hyperliquidTick } from "./hyperliquid-price.ts";
import { hyperliquidMaintenance } from "./hyperliquid-tiers.ts";

type MarketReads = Pick<
  VenueDriver,
  "time" | "fundingRates" | "fundingHistory" | "orderBook" | "marketStats"
>;

const LEVEL = ["px", "sz"] as const;

/** Public data. One answer carries rate, mark, oracle, open interest and volume of every perp. */
export function hyperliquidMarket(client: HyperliquidClient): MarketReads {
  return {
    // The time of the chain's last block in milliseconds, which fences are compared with; it lags a clock
    // on the wall by the age of that block, well below a second.
    time: async () => millis(row(await client.ask({ type: "exchangeStatus" }), "status"), "time"),

    async fundingRates(listings) {
      const fundingAt = (Math.floor(client.exchange.milliseconds() / HOUR_MS) + 1) * HOUR_MS;
      return [...(await readContexts(client))].flatMap(([symbol, context]) => {
        const hourly = decimalOrNull(context, "funding");
        if (!listings.has(symbol) || hourly === null) return [];
        return { symbol, rate: rate(hourly), intervalText: "1h", intervalHint: null, fundingAt };
      });
    },

    async fundingHistory({ instrument: { symbol } }, since) {
      const settled = await hyperliquidPages(
        (range) => client.askRows({ type: "fundingHistory", coin: symbol, ...range }),
        since,
        (one) => text(one, "time"),
      );
      return settled.map((one) => ({
        ...{ symbol, intervalHours: "1", rate: rate(decimal(one, "fundingRate")) },
        fundingAt: settlementOf(one),
      }));
    },

    async orderBook(of) {
      const question = { type: "l2Book", coin: of.instrument.symbol };
      const { levels } = row(await client.ask(question), "book");
      const [bids, asks]: unknown[] = Array.isArray(levels) ? levels : [];
      return { bids: bookLevels(of, bids, LEVEL), asks: bookLevels(of, asks, LEVEL) };
    },

    async marketStats({ instrument: { symbol } }) {
      const context = (await readContexts(client)).get(symbol);
      if (!context) throw new RetryableError(`no market data of ${symbol}`);
      const [oracle, openInterest, volume] = [
        decimalOrNull(context, "oraclePx"),
        decimalOrNull(context, "openInterest"),
        decimalOrNull(context, "dayNtlVlm"),
      ];
      return {
        markPrice: priceOf(symbol, decimal(context, "markPx")),
        indexPrice: oracle ? priceOf(symbol, oracle) : null,
        openInterestBase: openInterest ? sizeOf(symbol, openInterest) : null,
        volume24hUsd: volume ? notionalUsd(volume) : null,
      };
    },
  };
}

/** Null when it is delisted, of another dex, or has no mark, so that its grid is unknown. */
export function listHyperliquid(
  market: Market,
  fees: { readonly taker: string; readonly maker: string },
): Listed | null {
  const info = row(market?.info, "market");
  const symbol = text(info, "name");
  const mark = decimalOrNull(info, "markPx");
  if (!market || !isMainPerp(symbol) || isDelisted(info) || !mark?.gt("0")) return null;
  const { asset, unitMultiplier } = canonicalAsset(symbol);
  const szDecimals = szDecimalsOf(info);
  const maxLeverage = decimal(info, "maxLeverage");
  const lot = sizeOf(symbol, ONE.div(`1e${szDecimals}`));
  return {
    ...{ ccxtSymbol: market.symbol, priceUnit: unitMultiplier, info },
    instrument: {
      ...{ venue: "hyperliquid", symbol, asset, kind: "perp", linear: true },
      ...{ settleCurrency: "USDC", contractSizeBase: baseSize(unitMultiplier) },
      ...{ lotStepBase: lot, minSizeBase: lot, minNotionalUsd: notionalUsd("10") },
      priceTick: price(hyperliquidTick(mark, szDecimals).div(unitMultiplier)),
      maxLeverage,
      ...hyperliquidMaintenance(info, maxLeverage),
      ...{ takerFeeRate: rate(fees.taker), makerFeeRate: rate(fees.maker) },
    },
  };
}

/** Each perp's own facts and its market data in one row, by name. */
export async function readContexts(client: HyperliquidClient): Promise<ReadonlyMap<string, Row>> {
  const answer = await client.ask({ type: "metaAndAssetCtxs" });
  const [meta, contexts] = rows2(answer);
  const universe = rows(meta["universe"], "universe");
  // They are joined by position alone: with different lengths every rate could be another coin's.
  if (universe.length !== contexts.length) throw new RetryableError("market data does not line up");
  const joined = universe.map((one, index) => ({ ...contexts[index], ...one }));
  return new Map(joined.filter((one) => !isDelisted(one)).map((one) => [text(one, "name"), one]));
}

/** Settlements are on the hour; the stamps are some milliseconds late. */
export function settlementOf(from: Row): number {
  return hourOf(millis(from, "time"));
}

export function szDecimalsOf(info: Row): number {
  return Number(decimal(info, "szDecimals").toFixed(0));
}

function isDelisted(info: Row): boolean {
  return textOrNull(info, "isDelisted") === "true";
}

function rows2(answer: unknown): readonly [Row, readonly Row[]] {
  if (!Array.isArray(answer)) throw new RetryableError("market data: not a list");
  const [meta, contexts]: unknown[] = answer;
  return [row(meta, "meta"), rows(contexts, "contexts")];
}
