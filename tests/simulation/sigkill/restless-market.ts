import { dec, decFromInteger, floorToStep } from "#src/core/decimal.ts";
import { HOUR_MS, nextSettlement } from "#src/core/funding.ts";
import type { Instrument, VenueId } from "#src/core/instrument.ts";
import { baseSize, type EpochMs, price, rate } from "#src/core/units.ts";
import type { MarketFeed } from "#src/ports/market-feed.ts";
import { uniform } from "#src/sandbox/seeded-random.ts";
import { instrument } from "#tests/support/builders.ts";

const ASSETS = ["BTC", "ETH", "SOL", "XRP", "ARB", "SUI"] as const;
const VENUES = ["alpha", "beta", "gamma"] as const;
const PRICE = "60000";
/** The book is another one this often: a second leg may find less than the first one did. */
const BOOK_LIFE_MS = 150;
const HOURLY = dec("1");

/**
 * Several assets on three venues, cheap to compute. Prices stand nearly still, so that cards stay good;
 * depth comes and goes, so that orders fill whole, in part, or not at all.
 */
export function createRestlessMarket(seed: string): MarketFeed {
  const list = (venue: VenueId) => ASSETS.map((asset) => listing(venue, asset));
  const rateOf = (venue: VenueId, symbol: string) =>
    rate((uniform(`${seed}:${venue}:${symbol}:rate`) * 2e-4 - 1e-4).toFixed(8));

  function book(venue: VenueId, symbol: string, at: EpochMs) {
    const moment = `${seed}:${venue}:${symbol}:${Math.floor(at / BOOK_LIFE_MS)}`;
    const { priceTick, lotStepBase } = listing(venue, symbol);
    const shift = decFromInteger(Math.floor(uniform(`${moment}:shift`) * 5) - 2);
    const mid = dec(PRICE).plus(priceTick.times(shift));
    const depth = uniform(`${moment}:thin`) < 0.3 ? 0.02 + uniform(`${moment}:depth`) * 3 : 200;
    const sizeBase = baseSize(floorToStep(dec(depth.toFixed(3)), lotStepBase));
    const level = (ticks: string) => ({ price: price(mid.plus(priceTick.times(ticks))), sizeBase });
    return { bids: [level("-1"), level("-2")], asks: [level("1"), level("2")] };
  }

  function settlements(venue: VenueId, from: EpochMs, to: EpochMs, symbol?: string) {
    const symbols = symbol ? [symbol] : list(venue).map((one) => one.symbol);
    const found = [];
    for (let at = nextSettlement(from, HOURLY); at <= to; at += HOUR_MS) {
      for (const one of symbols) {
        const settled = { symbol: one, fundingAt: at, rate: rateOf(venue, one) };
        found.push({ ...settled, intervalHours: "1", refPrice: price(PRICE) });
      }
    }
    return found;
  }

  return {
    venues: VENUES,
    instruments: list,
    mark: () => price(PRICE),
    book,
    upcomingRate: (venue, symbol, at) => ({
      rate: rateOf(venue, symbol),
      intervalHours: "1",
      fundingAt: nextSettlement(at, HOURLY),
    }),
    settlements,
  };
}

/** One venue has a coarser lot: what is filled elsewhere must be cut down to it. */
function listing(venue: VenueId, symbol: string): Instrument {
  const asset = symbol.replace("-PERP", "");
  const lot = baseSize(venue === "gamma" ? "0.002" : "0.001");
  const lots = { lotStepBase: lot, minSizeBase: lot };
  return instrument({ venue, asset, symbol: `${asset}-PERP`, ...lots });
}
