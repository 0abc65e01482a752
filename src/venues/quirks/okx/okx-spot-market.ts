import type { Market, okx as OkxExchange } from "ccxt";
import { type Decimal, parseDecimal, ZERO } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import { borrowPerHour } from "#src/core/figures/borrow.ts";
import { DAY_MS, HOUR_MS } from "#src/core/funding.ts";
import { type EpochMs, notionalUsd } from "#src/core/units.ts";
import type { Listed, Listings } from "#src/venues/ccxt/driver.ts";
import { fromWirePrice, toBase } from "#src/venues/ccxt/listed.ts";
import { decimal, decimalOrNull, type Row, rows, text, textOrNull } from "#src/venues/ccxt/row.ts";
import { bookLevels } from "#src/venues/quirks/shared/book-levels.ts";
import { listSpot } from "#src/venues/spot/list-spot.ts";
import { medianPrice } from "#src/venues/spot/median-price.ts";
import type { SpotDriver } from "#src/venues/spot/spot-driver.ts";
import { wireSymbolOf } from "#src/venues/spot/spot-symbols.ts";
import { isOkxRow, okxRow, okxRows } from "./okx-reply.ts";

const SPOT = { instType: "SPOT" };
const MINUTE_MS = 60_000;

type SpotMarket = Pick<
  SpotDriver,
  "orderBook" | "marketStats" | "marks" | "borrowRates" | "priceAt"
>;

/** Null for anything but a traded spot market against dollars. */
export function listOkxSpot(market: Market): Listed | null {
  const info: unknown = market?.info;
  if (!isOkxRow(info)) return null;
  return listSpot(market, "okx", {
    info,
    symbol: textOrNull(info, "instId"),
    coin: textOrNull(info, "baseCcy"),
    quote: textOrNull(info, "quoteCcy"),
    isTraded:
      info["instType"] === "SPOT" && info["state"] === "live" && info["ruleType"] !== "pre_market",
    lotStep: decimalOrNull(info, "lotSz"),
    minSize: decimalOrNull(info, "minSz"),
    // The venue has no such rule.
    minNotionalUsd: ZERO,
    tick: decimalOrNull(info, "tickSz"),
  });
}

export function okxSpotMarket(exchange: OkxExchange): SpotMarket {
  return {
    async orderBook(of) {
      const params = { instId: wireSymbolOf(of), sz: "100" };
      const book = okxRow(await exchange.publicGetMarketBooks(params), "order book");
      return { bids: bookLevels(of, book["bids"]), asks: bookLevels(of, book["asks"]) };
    },

    async marketStats(of) {
      const instId = wireSymbolOf(of);
      const ticker = okxRow(await exchange.publicGetMarketTicker({ instId }), "ticker");
      const price = priceOf(ticker);
      if (!price) throw new RetryableError(`no price of ${instId}`);
      // In the quote currency, unlike the one of swaps.
      const turnover = decimalOrNull(ticker, "volCcy24h");
      return {
        markPrice: fromWirePrice(of, price),
        indexPrice: null,
        openInterestBase: null,
        volume24hUsd: turnover && notionalUsd(turnover),
      };
    },

    async marks() {
      const all = okxRows(await exchange.publicGetMarketTickers(SPOT), "tickers");
      return new Map(
        all.flatMap((one) => {
          const price = priceOf(one);
          return price ? [[text(one, "instId"), price] as const] : [];
        }),
      );
    },

    borrowRates: (listings) => borrowRates(exchange, listings),
    priceAt: (coin, at) => okxPriceAt(exchange, coin, at),
  };
}

/** The open of that minute, of the quick list or the slow one. */
export async function okxPriceAt(
  exchange: OkxExchange,
  coin: string,
  at: EpochMs,
): Promise<Decimal> {
  const which = { instId: `${coin}-USDT`, bar: "1m", after: String(at + MINUTE_MS), limit: "1" };
  const isRecent = at > exchange.nonce() - DAY_MS / 2;
  const answer: unknown = isRecent
    ? await exchange.publicGetMarketCandles(which)
    : await exchange.publicGetMarketHistoryCandles(which);
  const data = isOkxRow(answer) ? answer["data"] : null;
  const [candle]: unknown[] = Array.isArray(data) ? data : [];
  const [startedAt, open]: unknown[] = Array.isArray(candle) ? candle : [];
  const price = Number(startedAt) === at ? parseDecimal(String(open)) : null;
  if (!price) throw new RetryableError(`no price of ${coin} at ${at}`);
  return price;
}

/**
 * What anybody may borrow and for how much a day; with a key what the account itself pays an hour. Nothing is
 * lent to an account that does not borrow by itself.
 */
async function borrowRates(exchange: OkxExchange, listings: Listings) {
  const hasKey = exchange.checkRequiredCredentials(false);
  const [open, config, own] = await Promise.all([
    exchange.publicGetPublicInterestRateLoanQuota(),
    hasKey ? exchange.privateGetAccountConfig() : null,
    hasKey ? exchange.privateGetAccountInterestRate() : null,
  ]);
  if (config && text(okxRow(config, "account config"), "autoLoan") !== "true") return [];
  const basic = rows(okxRow(open, "loan quota")["basic"], "loan quota");
  const lent = new Map(basic.map((one) => [text(one, "ccy"), one]));
  const charged = own && new Map(okxRows(own, "rates").map((one) => [text(one, "ccy"), one]));
  return [...listings.values()].flatMap((of) => {
    const offer = lent.get(of.coin ?? "");
    if (of.instrument.kind !== "spot" || !offer || !hasMargin(of.info)) return [];
    const ours = charged?.get(of.coin ?? "");
    if (charged && !ours) return [];
    const { perHour } = ours
      ? borrowPerHour(decimal(ours, "interestRate"), HOUR_MS)
      : borrowPerHour(decimal(offer, "rate"), DAY_MS);
    const quota = decimalOrNull(offer, "quota");
    return { asset: of.instrument.asset, perHour, maxBorrowBase: quota && toBase(of, quota) };
  });
}

/** Spot markets without margin trading have no leverage. */
function hasMargin(info: Row): boolean {
  return decimalOrNull(info, "lever")?.gt("1") ?? false;
}

function priceOf(ticker: Row): Decimal | null {
  return medianPrice(
    decimalOrNull(ticker, "last"),
    decimalOrNull(ticker, "bidPx"),
    decimalOrNull(ticker, "askPx"),
  );
}
