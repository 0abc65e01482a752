import { type Decimal, parseDecimal } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import type { EpochMs } from "#src/core/units.ts";
import { notionalUsd, rate } from "#src/core/units.ts";
import type { Listings } from "#src/venues/ccxt/driver.ts";
import { fromWirePrice, toBase } from "#src/venues/ccxt/listed.ts";
import { decimal, decimalOrNull, type Row, rows, text, textOrNull } from "#src/venues/ccxt/row.ts";
import { bookLevels } from "#src/venues/quirks/shared/book-levels.ts";
import { medianPrice } from "#src/venues/spot/median-price.ts";
import type { BorrowOffer, SpotDriver } from "#src/venues/spot/spot-driver.ts";
import { wireSymbolOf } from "#src/venues/spot/spot-symbols.ts";
import { type Bybit, listOf, onlyRowOf, resultOf } from "./bybit-replies.ts";

const CATEGORY = { category: "spot" };
const BOOK_DEPTH = 200;
/** What anybody may borrow, and the dearest: an account of a higher level is never worse off. */
const VIP_LEVEL = "No VIP";

type Market = Pick<SpotDriver, "orderBook" | "marketStats" | "marks" | "borrowRates" | "priceAt">;

export function bybitSpotMarket(exchange: Bybit): Market {
  const tickers = (params: object) => exchange.publicGetV5MarketTickers({ ...CATEGORY, ...params });
  return {
    async orderBook(of) {
      const params = { ...CATEGORY, symbol: wireSymbolOf(of), limit: BOOK_DEPTH };
      const book = resultOf(await exchange.publicGetV5MarketOrderbook(params));
      return { bids: bookLevels(of, book["b"]), asks: bookLevels(of, book["a"]) };
    },
    async marketStats(of) {
      const ticker = onlyRowOf(await tickers({ symbol: wireSymbolOf(of) }));
      const price = priceOf(ticker);
      if (!price) throw new RetryableError(`no price of ${wireSymbolOf(of)}`);
      const turnover = decimalOrNull(ticker, "turnover24h");
      return {
        markPrice: fromWirePrice(of, price),
        indexPrice: null,
        openInterestBase: null,
        volume24hUsd: turnover && notionalUsd(turnover),
      };
    },
    async marks() {
      const all = listOf(await tickers({}));
      return new Map(
        all.flatMap((one) => {
          const price = priceOf(one);
          return price ? [[text(one, "symbol"), price] as const] : [];
        }),
      );
    },
    async borrowRates(listings) {
      // Without a key nobody would know.
      const hasKey = exchange.checkRequiredCredentials(false);
      if (hasKey && !(await mayBorrow(exchange))) return [];
      const answer = resultOf(
        await exchange.publicGetV5SpotMarginTradeData({ vipLevel: VIP_LEVEL }),
      );
      const levels = rows(answer["vipCoinList"], "margin data");
      const level = levels.find((one) => textOrNull(one, "vipLevel") === VIP_LEVEL);
      if (!level) throw new RetryableError(`no margin data for the level ${VIP_LEVEL}`);
      return offersIn(rows(level["list"], "margin data"), listings);
    },
    priceAt: (coin, at) => bybitPriceAt(exchange, coin, at),
  };
}

/** The open of that minute: its close is still moving while the minute runs. */
export async function bybitPriceAt(exchange: Bybit, coin: string, at: EpochMs): Promise<Decimal> {
  const symbol = `${coin}USDT`;
  const which = { ...CATEGORY, symbol, interval: "1", start: at, limit: 1 };
  const { list } = resultOf(await exchange.publicGetV5MarketKline(which));
  const [first]: unknown[] = Array.isArray(list) ? list : [];
  const [startedAt, open]: unknown[] = Array.isArray(first) ? first : [];
  const price = Number(startedAt) === at ? parseDecimal(String(open)) : null;
  if (!price) throw new RetryableError(`no price of ${coin} at ${at}`);
  return price;
}

/** Nothing is lent to an account whose margin trading is switched off. */
export async function mayBorrow(exchange: Bybit): Promise<boolean> {
  const state = resultOf(await exchange.privateGetV5SpotMarginTradeState());
  return text(state, "spotMarginMode") === "1";
}

function offersIn(lent: readonly Row[], listings: Listings): readonly BorrowOffer[] {
  const byCoin = new Map(lent.map((one) => [text(one, "currency"), one]));
  return [...listings.values()].flatMap((of) => {
    const { kind, asset } = of.instrument;
    const offer = kind === "spot" ? byCoin.get(of.coin ?? "") : undefined;
    const isLent = offer && text(offer, "borrowable") === "true" && mayBeShort(of.info);
    if (!isLent) return [];
    const most = decimalOrNull(offer, "maxBorrowingAmount");
    const perHour = rate(decimal(offer, "hourlyBorrowRate"));
    return { asset, perHour, maxBorrowBase: most && toBase(of, most) };
  });
}

/** On a unified account; some markets have no margin at all, or only on accounts of the old kind. */
function mayBeShort(info: Row): boolean {
  return ["both", "utaOnly"].includes(textOrNull(info, "marginTrading") ?? "");
}

function priceOf(ticker: Row): Decimal | null {
  return medianPrice(
    decimalOrNull(ticker, "lastPrice"),
    decimalOrNull(ticker, "bid1Price"),
    decimalOrNull(ticker, "ask1Price"),
  );
}
