import { dec } from "#src/core/decimal.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import type { Instrument } from "#src/core/instrument.ts";
import {
  type BinanceDesk,
  type BinanceRoutes,
  cutList,
  instrumentOf,
  NO_SYMBOL,
  ok,
  wirePrice,
  wireQuantity,
} from "./binance-desk.ts";
import { candlesOf } from "./candles.ts";

const PERPETUAL_UNTIL = 4_133_404_800_000;
/** Stamps of settlements are a little off, as Binance's are. */
const JITTER_MS = 3;

/** What Binance answers to anybody. */
export const BINANCE_PUBLIC_ROUTES: BinanceRoutes = {
  "GET /fapi/v1/ping": () => ok({}),
  // Its spot is served by a server of its own.
  "GET /api/v3/exchangeInfo": () => ok({ symbols: [] }),
  "GET /fapi/v1/time": ({ clock }) => ok({ serverTime: clock.wallNow() }),
  "GET /fapi/v1/exchangeInfo": (desk) =>
    ok({
      ...{ timezone: "UTC", serverTime: desk.clock.wallNow(), rateLimits: [], exchangeFilters: [] },
      symbols: [
        ...desk.engine.market.instruments.map((one) => listing(desk, one)),
        ...strangers(desk),
      ],
    }),
  "GET /fapi/v1/premiumIndex": (desk, params) => {
    if (params.get("symbol") === null) {
      return ok([
        ...desk.engine.market.instruments.map((one) => premium(desk, one)),
        DATED_PREMIUM,
      ]);
    }
    const instrument = instrumentOf(desk, params);
    return instrument ? ok(premium(desk, instrument)) : NO_SYMBOL;
  },
  "GET /fapi/v1/fundingInfo": (desk) =>
    ok([
      { ...adjustment("SOMETHINGUSDT"), fundingIntervalHours: 8 },
      ...desk.engine.market.instruments.flatMap(({ symbol }) => {
        const { intervalHours } = upcoming(desk, symbol);
        if (intervalHours === "8") return [];
        return { ...adjustment(symbol), fundingIntervalHours: Number(intervalHours) };
      }),
    ]),
  "GET /fapi/v1/fundingRate": (desk, params) => {
    const instrument = instrumentOf(desk, params);
    if (!instrument) return NO_SYMBOL;
    const { symbol } = instrument;
    const from = Number(params.get("startTime") ?? "0") - JITTER_MS - 1;
    const settled = desk.feed
      .settlements(desk.venue, from, desk.clock.marketNow(), symbol)
      .map(({ fundingAt, rate, refPrice }) => ({
        ...{ symbol, time: fundingAt + JITTER_MS, fundingRate: rate.toFixed(8) },
        markPrice: wirePrice(instrument, refPrice),
      }));
    const rows = cutList(settled, params, { usual: 100, most: 1000 });
    return ok(rows.map(({ time, ...rest }) => ({ ...rest, fundingTime: time })));
  },
  "GET /fapi/v1/depth": (desk, params) => {
    const instrument = instrumentOf(desk, params);
    if (!instrument) return NO_SYMBOL;
    const at = desk.clock.marketNow();
    const levels = (side: "buy" | "sell") =>
      desk.engine.market
        .levels(instrument.symbol, side, at)
        .slice(0, Number(params.get("limit") ?? "500"))
        .map((level) => [
          wirePrice(instrument, level.price),
          wireQuantity(instrument, level.sizeBase),
        ]);
    return ok({ lastUpdateId: at, E: at, T: at, bids: levels("sell"), asks: levels("buy") });
  },
  "GET /fapi/v1/openInterest": (desk, params) => {
    const instrument = instrumentOf(desk, params);
    const time = desk.clock.wallNow();
    return instrument
      ? ok({ symbol: instrument.symbol, openInterest: "10659.509", time })
      : NO_SYMBOL;
  },
  "GET /fapi/v1/ticker/24hr": (desk, params) => {
    const instrument = instrumentOf(desk, params);
    if (!instrument) return NO_SYMBOL;
    return ok({ symbol: instrument.symbol, quoteVolume: "1234567890.12", volume: "20576.1" });
  },
  "GET /fapi/v1/klines": (desk, params) => {
    const instrument = instrumentOf(desk, params);
    if (!instrument || params.get("interval") !== "1h") return NO_SYMBOL;
    const since = Number(params.get("startTime"));
    const limit = Number(params.get("limit") ?? "500");
    const rows = candlesOf(desk, instrument.symbol, { since, limit });
    return ok(
      rows.map(({ startedAt, close }) => {
        const text = wirePrice(instrument, close);
        return [startedAt, text, text, text, text, "12.3", startedAt + HOUR_MS - 1, "1", 7, "0"];
      }),
    );
  },
  "GET /fapi/v1/markPriceKlines": ({ settings }, params) => {
    const start = Number(params.get("startTime"));
    const last = dec(settings.feePrice).plus("1").toFixed();
    const kline = [start, settings.feePrice, last, settings.feePrice, last, "0", start + 59_999];
    return params.get("symbol") === `${settings.feeAsset}USDT` ? ok([kline]) : NO_SYMBOL;
  },
};

function upcoming(desk: BinanceDesk, symbol: string) {
  return desk.feed.upcomingRate(desk.venue, symbol, desk.clock.marketNow());
}

function listing({ settings }: BinanceDesk, instrument: Instrument) {
  const { symbol, asset, settleCurrency, contractSizeBase, priceTick } = instrument;
  const lot = wireQuantity(instrument, instrument.lotStepBase);
  const tick = priceTick.times(contractSizeBase).toFixed();
  const most = { maxQty: "100000000", maxPrice: "100000000" };
  return {
    ...{ symbol, pair: symbol, contractType: "PERPETUAL" },
    deliveryDate: settings.ends.get(symbol) ?? PERPETUAL_UNTIL,
    ...{ onboardDate: 1_569_398_400_000, status: settings.statuses.get(symbol) ?? "TRADING" },
    ...{ maintMarginPercent: "2.5000", requiredMarginPercent: "5.0000", underlyingType: "COIN" },
    baseAsset: `${contractSizeBase.eq("1") ? "" : contractSizeBase.toFixed()}${asset}`,
    ...{ quoteAsset: settleCurrency, marginAsset: settleCurrency },
    ...{ pricePrecision: places(tick), quantityPrecision: places(lot) },
    ...{ baseAssetPrecision: 8, quotePrecision: 8, underlyingSubType: ["PoW"] },
    filters: [
      { filterType: "PRICE_FILTER", minPrice: tick, maxPrice: most.maxPrice, tickSize: tick },
      {
        ...{ filterType: "LOT_SIZE", maxQty: most.maxQty, stepSize: lot },
        minQty: wireQuantity(instrument, instrument.minSizeBase),
      },
      { filterType: "MARKET_LOT_SIZE", minQty: lot, maxQty: "1000", stepSize: lot },
      { filterType: "MIN_NOTIONAL", notional: instrument.minNotionalUsd.toFixed() },
    ],
    orderTypes: ["LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET"],
    timeInForce: ["GTC", "IOC", "FOK", "GTX", "GTD"],
  };
}

/** What is on the list and must not be traded: dated, pre-launch, settling, margined in its own coin. */
function strangers(desk: BinanceDesk): readonly Record<string, unknown>[] {
  const [first] = desk.engine.market.instruments;
  if (!first) return [];
  const like = listing(desk, first);
  const dated = { contractType: "CURRENT_QUARTER", deliveryDate: 1_798_185_600_000 };
  return [
    { ...like, ...dated, symbol: "BTCUSDT_261225" },
    { ...like, symbol: "SOONUSDT", baseAsset: "SOON", status: "PENDING_TRADING" },
    { ...like, symbol: "GONEUSDT", baseAsset: "GONE", status: "SETTLING" },
    { ...like, symbol: "EARLYUSDT", baseAsset: "EARLY", underlyingType: "PREMARKET" },
    { ...like, symbol: "ETHBTC", baseAsset: "ETH", quoteAsset: "BTC", marginAsset: "BTC" },
  ];
}

function premium(desk: BinanceDesk, instrument: Instrument) {
  const { symbol } = instrument;
  const at = desk.clock.marketNow();
  const mark = wirePrice(instrument, desk.feed.mark(desk.venue, symbol, at));
  const { rate, fundingAt } = upcoming(desk, symbol);
  return {
    ...{ symbol, markPrice: mark, indexPrice: mark, estimatedSettlePrice: mark },
    ...{ lastFundingRate: rate.toFixed(8), interestRate: "0.00010000" },
    ...{ nextFundingTime: fundingAt, time: at },
  };
}

const DATED_PREMIUM = {
  ...{ symbol: "BTCUSDT_261225", markPrice: "60000", indexPrice: "60000" },
  ...{ estimatedSettlePrice: "60000", lastFundingRate: "", interestRate: "", nextFundingTime: 0 },
};

function adjustment(symbol: string) {
  return {
    ...{ symbol, adjustedFundingRateCap: "0.02", adjustedFundingRateFloor: "-0.02" },
    disclaimer: false,
  };
}

function places(step: string): number {
  return step.split(".")[1]?.length ?? 0;
}
