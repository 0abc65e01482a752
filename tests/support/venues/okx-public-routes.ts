import { dec, ZERO } from "#src/core/decimal.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import type { Instrument } from "#src/core/instrument.ts";
import type { Price } from "#src/core/units.ts";
import { candlesOf } from "./candles.ts";
import { contracts, type OkxAsk, OkxRefusal, type OkxRoutes, type OkxWorld } from "./okx-world.ts";

/** Public data of the feed, in OKX's words and units. */
export function okxPublicRoutes(world: OkxWorld): OkxRoutes {
  const { clock, engine, feed, venue, settings } = world;
  const perps = () => engine.market.instruments.filter((one) => one.kind === "perp");
  const about =
    (row: (instrument: Instrument, ask: OkxAsk) => readonly unknown[]) => (ask: OkxAsk) => {
      const instrument = perps().find((one) => one.symbol === ask.query["instId"]);
      return instrument ? row(instrument, ask) : new OkxRefusal("51001");
    };
  const mark = (symbol: string) => engine.market.mark(symbol, clock.marketNow());

  return {
    "GET public/time": () => [{ ts: String(clock.wallNow()) }],

    "GET public/instruments": ({ query }) =>
      (query["instType"] === "SPOT" ? [] : perps())
        .filter((one) => query["instId"] === undefined || one.symbol === query["instId"])
        .map((one) => listingOf(one, settings.instrumentState)),

    "GET public/position-tiers": ({ query }) =>
      perps()
        .filter((one) => one.symbol === `${query["instFamily"] ?? ""}-SWAP`)
        .flatMap(tiersOf),

    "GET public/funding-rate": ({ query }) =>
      perps()
        .filter((one) => query["instId"] === "ANY" || one.symbol === query["instId"])
        .map(({ symbol }) => {
          const { rate, intervalHours, fundingAt } = feed.upcomingRate(
            ...([venue, symbol, clock.marketNow()] as const),
          );
          const next = fundingAt + Number(intervalHours) * HOUR_MS;
          return {
            ...{ instType: "SWAP", instId: symbol, method: "current_period" },
            ...{ fundingRate: rate.toFixed(), fundingTime: String(fundingAt) },
            ...{ nextFundingRate: "", nextFundingTime: String(next), settState: "settled" },
            ...{ minFundingRate: "-0.015", maxFundingRate: "0.015", ts: String(clock.wallNow()) },
          };
        }),

    "GET public/funding-rate-history": about(({ symbol }, { query }) => {
      const now = clock.marketNow();
      const before = Number(query["before"] ?? now - 90 * 24 * HOUR_MS);
      const until = Number(query["after"] ?? now + 1) - 1;
      return feed
        .settlements(venue, before, Math.min(now, until), symbol)
        .toReversed()
        .slice(0, Number(query["limit"] ?? "100"))
        .map(({ fundingAt, rate }) => ({
          ...{ instType: "SWAP", instId: symbol, fundingTime: String(fundingAt) },
          ...{ fundingRate: rate.toFixed(), realizedRate: rate.toFixed() },
        }));
    }),

    "GET market/candles": about(({ symbol }, { query }) => {
      const [since, until] = [Number(query["before"]) + 1, Number(query["after"]) - 1];
      const rows = query["bar"] === "1H" ? candlesOf(world, symbol, { since, until }) : [];
      return rows
        .toReversed()
        .slice(0, Number(query["limit"] ?? "100"))
        .map(({ startedAt, close }) => {
          const text = close.toFixed();
          const isOver = startedAt + HOUR_MS <= clock.marketNow();
          return [String(startedAt), text, text, text, text, "5", "5", "5", isOver ? "1" : "0"];
        });
    }),

    "GET market/books": about((instrument, { query }) => {
      const depth = Number(query["sz"] ?? "1");
      const side = (taken: "buy" | "sell") =>
        engine.market
          .levels(instrument.symbol, taken, clock.marketNow())
          .slice(0, depth)
          .map((level) => [level.price.toFixed(), contracts(instrument, level.sizeBase), "0", "1"]);
      return [{ asks: side("buy"), bids: side("sell"), ts: String(clock.wallNow()) }];
    }),

    "GET public/mark-price": about(({ symbol }) => [
      {
        instType: "SWAP",
        instId: symbol,
        markPx: mark(symbol).toFixed(),
        ts: String(clock.wallNow()),
      },
    ]),

    "GET market/index-tickers": ({ query }) => {
      const symbol = `${query["instId"] ?? ""}-SWAP`;
      if (!engine.market.find(symbol)) return new OkxRefusal("51001");
      return [{ instId: query["instId"], idxPx: mark(symbol).toFixed() }];
    },

    "GET public/open-interest": about((one) => [
      {
        instType: "SWAP",
        instId: one.symbol,
        oi: "5000",
        oiCcy: one.contractSizeBase.times("5000").toFixed(),
      },
    ]),

    "GET market/ticker": about((one) => [tickerOf(one, mark(one.symbol))]),
  };
}

function tickerOf(one: Instrument, last: Price): unknown {
  const volCcy24h = one.contractSizeBase.times("1000").toFixed();
  return { instType: "SWAP", instId: one.symbol, last: last.toFixed(), vol24h: "1000", volCcy24h };
}

/** By contracts; the rate of a tier is for the whole position. */
function tiersOf(one: Instrument): readonly unknown[] {
  const flat = [{ lowerBase: ZERO, rate: one.maintenanceRate }];
  const tiers = one.maintenanceTiers?.by === "size" ? one.maintenanceTiers.tiers : flat;
  return tiers.map(({ lowerBase, rate }, index) => ({
    ...{ tier: String(index + 1), minSz: contracts(one, lowerBase), mmr: rate.toFixed() },
    maxSz: contracts(one, tiers[index + 1]?.lowerBase ?? one.lotStepBase.times("1000000000")),
    ...{ imr: rate.times("2").toFixed(), instFamily: one.symbol.replace("-SWAP", "") },
  }));
}

function listingOf(one: Instrument, state: string): unknown {
  const uly = one.symbol.replace("-SWAP", "");
  return {
    ...{ alias: "", baseCcy: "", category: "1", ctMult: "1", ctType: "linear" },
    ...{ ctVal: one.contractSizeBase.toFixed(), ctValCcy: uly.split("-")[0], expTime: "" },
    ...{ groupId: "2", instFamily: uly, instId: one.symbol, instType: "SWAP", instIdCode: "10459" },
    ...{ lever: one.maxLeverage.toFixed(), listTime: "1606468572000", optType: "", quoteCcy: "" },
    ...{ lotSz: contracts(one, one.lotStepBase), minSz: contracts(one, one.minSizeBase) },
    ...{ maxLmtSz: "100000000", maxMktSz: "85000", ruleType: "normal", settleCcy: "USDT" },
    ...{ state, stk: "", tickSz: dec(one.priceTick).toFixed(), uly },
  };
}
