import { dec } from "#src/core/decimal.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import type { Instrument } from "#src/core/instrument.ts";
import { baseSize, notionalUsd, price, rate } from "#src/core/units.ts";
import type { MarketFeed } from "#src/ports/market-feed.ts";
import { instrument } from "#tests/support/builders.ts";

const SPOT: Partial<Instrument> = {
  ...{ symbol: "BTC-SPOT", kind: "spot", maxLeverage: dec("1"), maintenanceRate: rate("0.05") },
  ...{ lotStepBase: baseSize("0.0001"), minSizeBase: baseSize("0.0001") },
  ...{ takerFeeRate: rate("0.001"), makerFeeRate: rate("0.001") },
};

/** A market that tests can read at a glance: one price, an even book, one rate an hour. */
export function createSteadyMarket(
  venues: Readonly<
    Record<
      string,
      {
        readonly price?: string;
        readonly depth?: string;
        readonly rate?: string;
        readonly instrument?: Partial<Instrument>;
        /** A spot market beside the perp, at the same price and depth. */
        readonly spot?: Partial<Instrument>;
        /** What borrowing on it costs; nobody lends where it is not given. */
        readonly borrowPerHour?: string;
      }
    >
  >,
): MarketFeed & {
  setPrice(venue: string, text: string): void;
  setDepth(venue: string, text: string): void;
} {
  const prices = new Map(Object.entries(venues).map(([id, one]) => [id, one.price ?? "60000"]));
  const depths = new Map(Object.entries(venues).map(([id, one]) => [id, one.depth ?? "100"]));
  const tradable = (venue: string) => instrument({ venue, ...venues[venue]?.instrument });
  const spotOf = (venue: string) => {
    const over = venues[venue]?.spot;
    return over ? [instrument({ venue, ...SPOT, ...over })] : [];
  };
  const mark = (venue: string) => price(prices.get(venue) ?? "1");
  return {
    venues: Object.keys(venues),
    instruments: (venue) => [tradable(venue), ...spotOf(venue)],
    mark: (venue) => mark(venue),
    pricedSince: () => 0,
    book(venue) {
      const sizeBase = baseSize(depths.get(venue) ?? "0");
      const tick = tradable(venue).priceTick;
      const level = (ticks: string) => ({
        price: price(mark(venue).plus(tick.times(ticks))),
        sizeBase,
      });
      return {
        bids: [level("-1"), level("-2"), level("-3")],
        asks: [level("1"), level("2"), level("3")],
      };
    },
    borrow(venue) {
      const perHour = venues[venue]?.borrowPerHour;
      return perHour === undefined
        ? null
        : { perHour: rate(perHour), maxBorrowBase: baseSize("5"), refPrice: mark(venue) };
    },
    traded: () => ({
      volume24hUsd: notionalUsd("500000000"),
      openInterestUsd: notionalUsd("200000000"),
    }),
    upcomingRate: (venue, _symbol, at) => ({
      rate: rate(venues[venue]?.rate ?? "0.0001"),
      intervalHours: "1",
      fundingAt: (Math.floor(at / HOUR_MS) + 1) * HOUR_MS,
    }),
    settlements(venue, from, to) {
      const found = [];
      for (let at = (Math.floor(from / HOUR_MS) + 1) * HOUR_MS; at <= to; at += HOUR_MS) {
        found.push({
          symbol: tradable(venue).symbol,
          fundingAt: at,
          rate: rate(venues[venue]?.rate ?? "0.0001"),
          intervalHours: "1",
          refPrice: mark(venue),
        });
      }
      return found;
    },
    setPrice: (venue, text) => void prices.set(venue, text),
    setDepth: (venue, text) => void depths.set(venue, text),
  };
}
