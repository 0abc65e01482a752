import type { OrderBook } from "#src/core/book.ts";
import { type Decimal, minOf, ZERO } from "#src/core/decimal.ts";
import { describeError, RetryableError } from "#src/core/errors.ts";
import { Guarded } from "#src/core/guarded.ts";
import type { OrderOutcome } from "#src/core/order.ts";
import { price, signedBase, usd } from "#src/core/units.ts";
import type { Venue, VenueAccount, VenueMarketData, VenueTrading } from "#src/ports/venue.ts";
import { equityOf, initialMarginOf, liquidationOf, maintenanceOf } from "./paper-account.ts";
import { PaperEngine, type PaperOptions } from "./paper-engine.ts";

/**
 * A venue with simulated fills on a real, replayed or synthetic market. Its account survives a restart;
 * `settle` brings it up to now, which every account read and every order does first anyway.
 */
export function createPaperVenue(options: PaperOptions): Venue & { settle(): void } {
  const engine = new PaperEngine(options);
  return {
    settle: () => void engine.settle(),
    id: options.id,
    data: marketData(options, engine),
    account: accountOf(options, engine),
    trading: tradingOf(engine),
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
      return feed.settlements(id, since, at(), symbol);
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
    async markPrice(symbol) {
      known(symbol);
      return feed.mark(id, symbol, at());
    },
  };
}

function accountOf({ id, clock }: PaperOptions, engine: PaperEngine): VenueAccount {
  return {
    async account() {
      const exposures = engine.exposures(engine.settle());
      const equityUsd = equityOf(engine.state.account, exposures);
      const free = equityUsd.minus(initialMarginOf(exposures, engine.leverage));
      return {
        venue: id,
        equityUsd,
        freeCollateralUsd: usd(free.lt(ZERO) ? ZERO : free),
        maintenanceUsd: maintenanceOf(exposures),
        observedAt: clock.wallNow(),
      };
    },
    async setup(symbol) {
      const leverage = minOf<Decimal>(engine.leverage, engine.market.require(symbol).maxLeverage);
      return { leverage, positionMode: "oneWay", status: "trading" };
    },
    async positions() {
      const exposures = engine.exposures(engine.settle());
      const { account } = engine.state;
      return exposures
        .filter((one) => !one.sizeBase.eq(ZERO))
        .map((one) => {
          const entry = account.positions.get(one.instrument.symbol)?.entryPrice;
          return {
            venue: id,
            symbol: one.instrument.symbol,
            sizeBase: signedBase(one.sizeBase),
            entryPrice: entry ? price(entry) : null,
            markPrice: one.mark,
            liquidationPrice: liquidationOf(account, exposures, one),
          };
        });
    },
    async openOrders() {
      engine.settle();
      return engine.openOrders().map((order) => order.report);
    },
    async lookupOrder(symbol, clientOrderId) {
      engine.settle();
      const order = engine.state.orders.get(clientOrderId);
      if (order?.request.symbol !== symbol) {
        return { kind: "notFound", venueTime: clock.wallNow() };
      }
      return { kind: "found", order: order.report, fills: engine.fillsOf(clientOrderId) };
    },
    async fills(since) {
      engine.settle();
      return engine.state.fills.filter((fill) => fill.filledAt >= since);
    },
    async fundingPayments(since) {
      engine.settle();
      return engine.state.payments.filter((payment) => payment.fundingAt > since);
    },
  };
}

function tradingOf(engine: PaperEngine): VenueTrading {
  return {
    async place(order) {
      return outcomeOf(() => (Guarded.isSealed(order) ? engine.place(order.request) : forged()));
    },
    async cancel(cancel) {
      if (!Guarded.isSealed(cancel)) return forged();
      const { symbol, clientOrderId } = cancel.request;
      return outcomeOf(() => engine.cancel(symbol, clientOrderId));
    },
  };
}

/** A mutation never throws: what broke on the way proves nothing about the order. */
function outcomeOf(work: () => OrderOutcome): OrderOutcome {
  try {
    return work();
  } catch (error) {
    return { kind: "unknown", detail: describeError(error) };
  }
}

function forged(): OrderOutcome {
  return { kind: "refused", code: "NOT_GUARDED", detail: "not a guarded order" };
}
