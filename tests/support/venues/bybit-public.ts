import { dec, ONE, ZERO } from "#src/core/decimal.ts";
import { maintenanceMargin } from "#src/core/figures/margin.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import type { Instrument } from "#src/core/instrument.ts";
import {
  type BybitQuery,
  type BybitRow,
  type BybitWorld,
  bybitPage,
  bybitReply,
  toQty,
  toQuote,
} from "./bybit-world.ts";
import { candlesOf } from "./candles.ts";

type Answer = (world: BybitWorld, query: BybitQuery) => Response;

/** What anybody may ask of the simulated Bybit. */
export const BYBIT_PUBLIC: Readonly<Record<string, Answer>> = {
  "/v5/market/time": (world) =>
    bybitReply(world, { timeSecond: String(Math.floor(world.clock.wallNow() / 1000)) }),
  "/v5/market/instruments-info"(world, query) {
    // Its spot is served by a server of its own.
    const isHere = query["status"] !== "PreLaunch" && query["category"] !== "spot";
    const listed = isHere ? chosen(world, query) : [];
    return bybitPage(
      world,
      listed.map((one) => instrumentRow(world, one)),
      query,
      500,
    );
  },
  "/v5/market/risk-limit": (world, query) =>
    bybitReply(world, { category: "linear", list: chosen(world, query).flatMap(riskLimits) }),
  "/v5/market/tickers": (world, query) =>
    bybitReply(world, {
      category: "linear",
      list: chosen(world, query).map((one) => tickerRow(world, one)),
    }),
  "/v5/market/funding/history"(world, query) {
    const symbol = query["symbol"] ?? "";
    const end = Number(query["endTime"] ?? world.clock.marketNow());
    const limit = Number(query["limit"] ?? 200);
    const since = Number(query["startTime"] ?? end - 400 * HOUR_MS * 8);
    const settled = world.feed.settlements(world.venue, since - 1, end, symbol);
    const list = settled.map((one) => ({
      symbol,
      fundingRate: one.rate.toFixed(),
      fundingRateTimestamp: String(one.fundingAt),
    }));
    return bybitReply(world, { category: "linear", list: list.toReversed().slice(0, limit) });
  },
  "/v5/market/kline"(world, query) {
    const one = world.engine.market.require(query["symbol"] ?? "");
    const since = Number(query["start"]);
    const rows = query["interval"] === "60" ? candlesOf(world, one.symbol, { since }) : [];
    const list = rows.toReversed().slice(0, Number(query["limit"] ?? 200));
    return bybitReply(world, {
      ...{ category: "linear", symbol: one.symbol },
      list: list.map(({ startedAt, close }) => {
        const text = toQuote(one, close);
        return [String(startedAt), text, text, text, text, "12.3", "1"];
      }),
    });
  },
  "/v5/market/orderbook"(world, query) {
    const one = world.engine.market.require(query["symbol"] ?? "");
    const at = world.clock.marketNow();
    const side = (name: "buy" | "sell") =>
      world.engine.market
        .levels(one.symbol, name, at)
        .map((level) => [toQuote(one, level.price), toQty(one, level.sizeBase)]);
    return bybitReply(world, { s: one.symbol, a: side("buy"), b: side("sell"), u: 1, ts: at });
  },
};

function chosen({ engine }: BybitWorld, query: BybitQuery): readonly Instrument[] {
  const { instruments } = engine.market;
  const symbol = query["symbol"];
  return symbol === undefined ? instruments : instruments.filter((one) => one.symbol === symbol);
}

function instrumentRow({ feed, venue, clock }: BybitWorld, one: Instrument): BybitRow {
  const unit = one.contractSizeBase.toFixed();
  const { intervalHours } = feed.upcomingRate(venue, one.symbol, clock.marketNow());
  return {
    symbol: one.symbol,
    contractType: "LinearPerpetual",
    status: "Trading",
    baseCoin: `${unit === "1" ? "" : unit}${one.asset}`,
    quoteCoin: one.settleCurrency,
    settleCoin: one.settleCurrency,
    launchTime: "1584230400000",
    deliveryTime: "0",
    deliveryFeeRate: "",
    priceScale: "2",
    leverageFilter: {
      minLeverage: "1",
      maxLeverage: one.maxLeverage.toFixed(2),
      leverageStep: "0.01",
    },
    priceFilter: {
      minPrice: toQuote(one, one.priceTick),
      maxPrice: "1999999.80",
      tickSize: toQuote(one, one.priceTick),
    },
    lotSizeFilter: {
      maxOrderQty: "1190.000",
      minOrderQty: toQty(one, one.minSizeBase),
      qtyStep: toQty(one, one.lotStepBase),
      minNotionalValue: one.minNotionalUsd.toFixed(),
    },
    unifiedMarginTrade: true,
    fundingInterval: Number(intervalHours) * 60,
    copyTrading: "both",
    upperFundingRate: "0.00375",
    lowerFundingRate: "-0.00375",
    isPreListing: false,
    preListingInfo: null,
  };
}

/** Each says up to where it counts, and what it takes off. */
function riskLimits({ symbol, maintenanceRate, maintenanceTiers }: Instrument) {
  const flat = [{ lowerUsd: ZERO, rate: maintenanceRate }];
  const tiers = maintenanceTiers?.by === "notional" ? maintenanceTiers.tiers : flat;
  return tiers.map(({ lowerUsd, rate }, index): BybitRow => {
    const { deduction } = maintenanceMargin(lowerUsd, tiers);
    const leverage = ONE.div(rate.times("2"));
    return {
      ...{ id: index + 1, symbol, isLowestRisk: index === 0 ? 1 : 0 },
      riskLimitValue: (tiers[index + 1]?.lowerUsd ?? dec("1000000000")).toFixed(),
      ...{ maintenanceMargin: rate.toFixed(), initialMargin: rate.times("2").toFixed() },
      ...{ maxLeverage: leverage.toFixed(2), mmDeduction: index === 0 ? "" : deduction.toFixed() },
    };
  });
}

function tickerRow({ engine, feed, venue, clock }: BybitWorld, one: Instrument): BybitRow {
  const at = clock.marketNow();
  const mark = toQuote(one, engine.market.mark(one.symbol, at));
  const upcoming = feed.upcomingRate(venue, one.symbol, at);
  return {
    symbol: one.symbol,
    lastPrice: mark,
    indexPrice: mark,
    markPrice: mark,
    openInterest: "57319.482",
    openInterestValue: "3439168920.00",
    turnover24h: "6543210987.6543",
    volume24h: "109053.516",
    fundingRate: upcoming.rate.toFixed(),
    nextFundingTime: String(upcoming.fundingAt),
    fundingIntervalHour: upcoming.intervalHours,
    fundingCap: "0.00375",
    deliveryTime: "0",
  };
}
