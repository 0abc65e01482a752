import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { dec, isMultipleOf } from "#src/core/decimal.ts";
import { DAY_MS, HOUR_MS } from "#src/core/funding.ts";
import { type Instrument, sameAssetCheck } from "#src/core/instrument.ts";
import type { MarketFeed } from "#src/ports/market-feed.ts";
import { SYNTHETIC_ASSETS } from "#src/sandbox/synthetic-assets.ts";
import { createSyntheticMarket } from "#src/sandbox/synthetic-market.ts";
import { asNumber } from "#tests/support/as-number.ts";

const BUCKET_MS = 8 * HOUR_MS;

/** Every listing of a market, what a scan would go through; of one kind where it is named. */
function listings(feed: MarketFeed, kind?: Instrument["kind"]) {
  return feed.venues.flatMap((venue) =>
    feed
      .instruments(venue)
      .filter((instrument) => kind === undefined || instrument.kind === kind)
      .map((instrument) => ({ venue, instrument, symbol: instrument.symbol })),
  );
}

/** Funding that one venue settled in each 8-hour bucket after `from`, in basis points. */
function bucketSums(feed: MarketFeed, venue: string, symbol: string, from: number, count: number) {
  const sums = Array.from({ length: count }, () => 0);
  for (const one of feed.settlements(venue, from, from + count * BUCKET_MS, symbol)) {
    const bucket = Math.ceil((one.fundingAt - from) / BUCKET_MS) - 1;
    sums[bucket] = (sums[bucket] ?? 0) + asNumber(one.rate) * 1e4;
  }
  return sums;
}

function describeSeries(values: readonly number[]) {
  const mean = values.reduce((total, value) => total + value, 0) / values.length;
  const gaps = values.map((value) => value - mean);
  const variance = gaps.reduce((total, gap) => total + gap * gap, 0) / values.length;
  const lagged = gaps.slice(1).reduce((total, gap, index) => total + gap * (gaps[index] ?? 0), 0);
  return { mean, sd: Math.sqrt(variance), rho: lagged / values.length / variance };
}

describe("the synthetic market", () => {
  test("lists at least ten assets on four venues, with 1, 4 and 8 hour funding", () => {
    const feed = createSyntheticMarket({ seed: 1 });
    expect(feed.venues).toHaveLength(4);
    const intervals = new Set<string>();
    for (const venue of feed.venues) {
      const assets = new Set(feed.instruments(venue).map((one) => one.asset));
      expect(assets.size).toBeGreaterThanOrEqual(10);
      for (const { symbol } of feed.instruments(venue)) {
        intervals.add(feed.upcomingRate(venue, symbol, feed.startAt).intervalHours);
      }
    }
    expect([...intervals].sort()).toEqual(["1", "4", "8"]);
  });

  test("has more than thirty days of history at its start, on every listing", () => {
    const feed = createSyntheticMarket({ seed: 1 });
    for (const { venue, symbol } of listings(feed, "perp")) {
      const [first] = feed.settlements(venue, 0, feed.startAt, symbol);
      expect(first?.fundingAt).toBeLessThan(feed.startAt - 30 * DAY_MS);
    }
  });

  test("prices every listing of an asset per base unit, whatever its symbol counts", () => {
    const feed = createSyntheticMarket({ seed: 3 });
    const pepe = listings(feed).filter((one) => one.instrument.asset === "PEPE");
    const perps = pepe.filter((one) => one.instrument.kind === "perp");
    expect(perps.map((one) => [one.symbol, one.instrument.contractSizeBase.toFixed()])).toEqual([
      ["1000PEPEUSDT", "1000"],
      ["1000PEPEUSDT", "1000"],
      ["PEPE-USDT-SWAP", "10000000"],
      ["kPEPE", "1000"],
    ]);
    const [first, ...others] = pepe.map((one) => feed.mark(one.venue, one.symbol, feed.startAt));
    for (const other of others) {
      expect(sameAssetCheck(first ?? dec("1"), other, dec("0.02")).same).toBe(true);
    }
  });

  test("trades spot on two venues: no funding, a fee of 0.1 %, and loans for all but what nobody lends", () => {
    const feed = createSyntheticMarket({ seed: 6 });
    const spots = listings(feed, "spot");
    expect(new Set(spots.map((one) => one.venue))).toEqual(new Set(["binance-sim", "bybit-sim"]));
    for (const { venue, symbol, instrument } of spots) {
      expect(symbol.endsWith("-SPOT")).toBe(true);
      expect(instrument.takerFeeRate.toFixed()).toBe("0.001");
      expect(feed.settlements(venue, 0, feed.startAt, symbol)).toEqual([]);
      const lent = feed.borrow?.(venue, symbol, feed.startAt) ?? null;
      expect(lent === null).toBe(instrument.asset === "PEPE");
      expect(lent?.perHour.gt("0") ?? true).toBe(true);
    }
  });

  test("keeps the venues' prices of an asset close, and moves every minute", () => {
    const feed = createSyntheticMarket({ seed: 5 });
    for (let day = 0; day < 60; day += 7) {
      const at = feed.startAt + day * DAY_MS;
      for (const { asset } of SYNTHETIC_ASSETS) {
        const marks = listings(feed)
          .filter((one) => one.instrument.asset === asset)
          .map((one) => asNumber(feed.mark(one.venue, one.symbol, at)));
        expect(Math.max(...marks) / Math.min(...marks)).toBeLessThan(1.004);
      }
      const minutes = [0, 1, 2, 3].map((minute) =>
        feed.mark("binance-sim", "BTCUSDT", at + minute * 60_000).toFixed(),
      );
      expect(new Set(minutes).size).toBe(4);
    }
  });

  test("puts books on the lot and the tick around the mark, deep for majors and thin for the rest", () => {
    const feed = createSyntheticMarket({ seed: 2 });
    const depth = (venue: string, symbol: string) =>
      feed
        .book(venue, symbol, feed.startAt)
        .asks.reduce((total, level) => total + asNumber(level.price.times(level.sizeBase)), 0);
    for (const { venue, symbol, instrument } of listings(feed)) {
      const { bids, asks } = feed.book(venue, symbol, feed.startAt);
      const mark = feed.mark(venue, symbol, feed.startAt);
      expect(bids.length).toBeGreaterThanOrEqual(10);
      expect(bids[0]?.price.lte(mark) && asks[0]?.price.gte(mark)).toBe(true);
      for (const level of [...bids, ...asks]) {
        expect(isMultipleOf(level.price, instrument.priceTick)).toBe(true);
        expect(isMultipleOf(level.sizeBase, instrument.lotStepBase)).toBe(true);
      }
    }
    expect(depth("binance-sim", "BTCUSDT")).toBeGreaterThan(
      10 * depth("binance-sim", "1000PEPEUSDT"),
    );
  });

  test("announces what it settles: the estimate ends at the settled rate", () => {
    const feed = createSyntheticMarket({ seed: 4 });
    for (const { venue, symbol } of listings(feed, "perp")) {
      const early = feed.upcomingRate(venue, symbol, feed.startAt);
      const late = feed.upcomingRate(venue, symbol, early.fundingAt - 1);
      const [settled] = feed.settlements(venue, feed.startAt, early.fundingAt, symbol);
      expect(settled?.fundingAt).toBe(early.fundingAt);
      expect(asNumber(late.rate.minus(settled?.rate ?? dec("1")).abs())).toBeLessThan(1e-9);
      expect(asNumber(early.rate.minus(settled?.rate ?? dec("1")).abs())).toBeLessThan(0.3e-4);
      expect(late.rate.toFixed().split(".")[1]?.length ?? 0).toBeLessThanOrEqual(10);
    }
  });
});

describe("the same seed and time", () => {
  test("give the same market, whatever was asked before", () => {
    const seed = fc.integer({ min: 0, max: 1_000 });
    const asks = fc.array(
      fc.record({
        listing: fc.integer({ min: 0, max: 47 }),
        hours: fc.integer({ min: 0, max: 24 * 120 }),
        what: fc.constantFrom("mark", "book", "rate", "settled"),
      }),
      { minLength: 2, maxLength: 8 },
    );
    fc.assert(
      fc.property(seed, asks, (number, list) => {
        const [one, other] = [
          createSyntheticMarket({ seed: number }),
          createSyntheticMarket({ seed: number }),
        ];
        const answer = (feed: typeof one, ask: (typeof list)[number]) => {
          const target = listings(feed)[ask.listing];
          if (!target) throw new Error("no listing");
          const { venue, symbol } = target;
          const at = feed.startAt + ask.hours * HOUR_MS + 1_234;
          if (ask.what === "mark") return JSON.stringify(feed.mark(venue, symbol, at));
          if (ask.what === "book") return JSON.stringify(feed.book(venue, symbol, at));
          if (ask.what === "rate") return JSON.stringify(feed.upcomingRate(venue, symbol, at));
          return JSON.stringify(feed.settlements(venue, at - DAY_MS, at, symbol));
        };
        const forwards = list.map((ask) => answer(one, ask));
        const backwards = list
          .toReversed()
          .map((ask) => answer(other, ask))
          .toReversed();
        expect(forwards).toEqual(backwards);
      }),
      { numRuns: 15 },
    );
  });

  test("differ from another seed's", () => {
    const [one, other] = [createSyntheticMarket({ seed: 1 }), createSyntheticMarket({ seed: 2 })];
    expect(one.mark("binance-sim", "BTCUSDT", one.startAt).toFixed()).not.toBe(
      other.mark("binance-sim", "BTCUSDT", one.startAt).toFixed(),
    );
  });
});

describe("funding spreads of the hourly venue over the first one", () => {
  // Two years of buckets: the mean's own error is about sd × sqrt((1 + rho) / (1 − rho) / n).
  const COUNT = 2_190;

  test.each([
    ["BTC", 0.251, 0.605, 0.558],
    ["ETH", 0.354, 0.6, 0.475],
    ["SOL", 0.162, 0.9, 0.382],
    ["LINK", 0.482, 0.8, 0.186],
  ] as const)(
    "%s have the measured mean, deviation and autocorrelation",
    (asset, mean, sd, rho) => {
      for (const seed of [1, 42]) {
        const feed = createSyntheticMarket({ seed });
        const from = Math.ceil(feed.startAt / BUCKET_MS) * BUCKET_MS;
        const hourly = bucketSums(feed, "hyperliquid-sim", asset, from, COUNT);
        const base = bucketSums(feed, "binance-sim", `${asset}USDT`, from, COUNT);
        const spread = describeSeries(hourly.map((value, index) => value - (base[index] ?? 0)));
        expect(Math.abs(spread.mean - mean)).toBeLessThan(0.12);
        expect(Math.abs(spread.sd / sd - 1)).toBeLessThan(0.1);
        expect(Math.abs(spread.rho - rho)).toBeLessThan(0.07);
      }
    },
  );

  test("are in the long run worth a hedge on a few small assets and on no major", () => {
    const feed = createSyntheticMarket({ seed: 1 });
    // The entry gate: mean × 63 intervals must pay 1.5 times about 21 bp. Two weeks can flatter a major.
    const passes = SYNTHETIC_ASSETS.filter((asset) => {
      const prefix = asset.thousandFold ? ["k", "1000"] : ["", ""];
      const from = Math.ceil(feed.startAt / BUCKET_MS) * BUCKET_MS;
      const at = (venue: string, symbol: string) => bucketSums(feed, venue, symbol, from, COUNT);
      const hourly = at("hyperliquid-sim", `${prefix[0]}${asset.asset}`);
      const base = at("binance-sim", `${prefix[1]}${asset.asset}USDT`);
      const { mean } = describeSeries(hourly.map((value, index) => value - (base[index] ?? 0)));
      return Math.abs(mean) * 63 >= 1.5 * 21;
    }).map((asset) => asset.asset);
    expect(passes).toEqual(expect.arrayContaining(["APT", "TIA", "PEPE"]));
    for (const major of ["BTC", "ETH", "SOL"]) expect(passes).not.toContain(major);
  });
});
