import type { OrderBook } from "#src/core/book.ts";
import { RetryableError } from "#src/core/errors.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import { isSpotSymbol } from "#src/core/instrument.ts";
import { baseSize } from "#src/core/units.ts";
import type { Venue, VenueMarketData } from "#src/ports/venue.ts";
import { PaperEngine, type PaperOptions } from "./paper-engine.ts";
import { readPaperAccount } from "./read-paper-account.ts";
import { tradeOnPaper } from "./trade-on-paper.ts";

/**
 * A venue with simulated fills on a replayed or synthetic market. Its account survives a restart; `settle`
 * brings it up to now, which every account read and every order does first anyway.
 */
export function createPaperVenue(options: PaperOptions): Venue & { settle(): void } {
  const { id, clock } = options;
  const engine = new PaperEngine(options);
  // Nothing to wait for: the work is done before this returns.
  const onEngine = async <T>(work: (engine: PaperEngine) => T) => work(engine);
  return {
    settle: () => void engine.settle(),
    id,
    capabilities: { provable: true, restingFence: true },
    streams: null,
    health: () => ({ state: "ok", reason: null }),
    data: marketData(options, engine),
    account: readPaperAccount({ id, clock, onEngine, observedAt: clock.wallNow }),
    trading: tradeOnPaper(onEngine),
  };
}

function marketData({ id, feed, clock }: PaperOptions, engine: PaperEngine): VenueMarketData {
  const at = () => clock.marketNow();
  function known(symbol: string): void {
    if (!engine.market.find(symbol)) {
      throw new RetryableError(`${id} has no instrument ${symbol}`);
    }
  }
  return {
    venue: id,
    time: async () => clock.wallNow(),
    instruments: async () => engine.market.instruments,
    fundingRates: async () =>
      engine.market.instruments
        .filter((one) => one.kind === "perp")
        .map(({ symbol }) => {
          const { rate, intervalHours, fundingAt } = feed.upcomingRate(id, symbol, at());
          return {
            ...{ symbol, rate, fundingAt, observedAt: clock.wallNow() },
            intervalText: `${intervalHours}h`,
            intervalHint: null,
          };
        }),
    async fundingHistory(symbol, since) {
      known(symbol);
      return isSpotSymbol(symbol) ? [] : feed.settlements(id, since, at(), symbol);
    },
    async orderBook(symbol): Promise<OrderBook> {
      known(symbol);
      const now = at();
      return {
        ...{ venue: id, symbol, observedAt: clock.wallNow() },
        asks: engine.market.levels(symbol, "buy", now),
        bids: engine.market.levels(symbol, "sell", now),
      };
    },
    async marketStats(symbol) {
      known(symbol);
      const markPrice = feed.mark(id, symbol, at());
      const traded = feed.traded?.(id, symbol) ?? null;
      return {
        ...{ markPrice, indexPrice: null },
        openInterestBase: traded && baseSize(traded.openInterestUsd.div(markPrice)),
        volume24hUsd: traded?.volume24hUsd ?? null,
        observedAt: clock.wallNow(),
      };
    },
    async borrowRates() {
      const spots = engine.market.instruments.filter((one) => one.kind === "spot");
      return spots.flatMap(({ symbol, asset }) => {
        const lent = feed.borrow?.(id, symbol, at());
        if (!lent) return [];
        const { perHour, maxBorrowBase } = lent;
        return { venue: id, asset, perHour, maxBorrowBase, observedAt: clock.wallNow() };
      });
    },
    usdcInUsdt: async () => {
      const price = feed.usdcInUsdt?.(id, at()) ?? null;
      return price && { price, observedAt: clock.wallNow() };
    },
    async hourlyCloses(symbol, count) {
      known(symbol);
      const since = feed.pricedSince?.(id, symbol) ?? Number.POSITIVE_INFINITY;
      const hour = Math.floor(at() / HOUR_MS) * HOUR_MS;
      return Array.from({ length: count }, (_, index) => hour - (count - 1 - index) * HOUR_MS)
        .filter((closedAt) => closedAt >= since)
        .map((closedAt) => feed.mark(id, symbol, closedAt));
    },
  };
}
