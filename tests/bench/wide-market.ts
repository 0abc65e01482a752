import { HOUR_MS } from "#src/core/funding.ts";
import type { Instrument } from "#src/core/instrument.ts";
import { baseSize, notionalUsd, price, rate } from "#src/core/units.ts";
import type { MarketFeed } from "#src/ports/market-feed.ts";
import { instrument } from "#tests/support/builders.ts";

const SYMBOLS: Readonly<Record<string, (asset: string) => string>> = {
  binance: (asset) => `${asset}USDT`,
  bybit: (asset) => `${asset}USDT`,
  okx: (asset) => `${asset}-USDT-SWAP`,
  hyperliquid: (asset) => asset,
};

/** Four venues with as many instruments as a large one lists; nothing moves. */
export function createWideMarket(count: number): MarketFeed {
  const listings = new Map(
    Object.entries(SYMBOLS).map(([venue, symbolOf]) => [venue, listingsOf(venue, count, symbolOf)]),
  );
  const at = { priceOf: (symbol: string) => price(`${100 + (symbol.length % 7)}.25`) };
  return {
    venues: [...listings.keys()],
    instruments: (venue) => listings.get(venue) ?? [],
    mark: (_venue, symbol) => at.priceOf(symbol),
    book(_venue, symbol) {
      const level = (ticks: string) => ({
        price: price(at.priceOf(symbol).plus(ticks)),
        sizeBase: baseSize("1000"),
      });
      return { bids: ["-0.01", "-0.02"].map(level), asks: ["0.01", "0.02"].map(level) };
    },
    upcomingRate: (_venue, symbol, now) => ({
      rate: rate(`0.0001${symbol.length % 10}`),
      intervalHours: "8",
      fundingAt: (Math.floor(now / (8 * HOUR_MS)) + 1) * 8 * HOUR_MS,
    }),
    settlements: () => [],
  };
}

function listingsOf(
  venue: string,
  count: number,
  symbolOf: (asset: string) => string,
): readonly Instrument[] {
  return Array.from({ length: count }, (_, index) => {
    const asset = `C${index}X`;
    return instrument({
      ...{ venue, asset, symbol: symbolOf(asset), settleCurrency: "USDT" },
      contractSizeBase: baseSize(venue === "okx" ? "0.1" : "1"),
      ...{ lotStepBase: baseSize("0.1"), minSizeBase: baseSize("0.1") },
      ...{ minNotionalUsd: notionalUsd("5"), priceTick: price("0.01") },
    });
  });
}
