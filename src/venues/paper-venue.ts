import type { OrderBook } from "#src/core/book.ts";
import { ZERO } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import { Guarded } from "#src/core/guarded.ts";
import type { OrderOutcome } from "#src/core/order.ts";
import { price, signedBase, usd } from "#src/core/units.ts";
import type { Venue, VenueAccount, VenueMarketData, VenueTrading } from "#src/ports/venue.ts";
import { equityOf, liquidationOf, maintenanceOf, usedMarginOf } from "./paper-account.ts";
import { PaperEngine, type PaperOptions } from "./paper-engine.ts";

/** A venue with simulated fills on a real, replayed or synthetic market. */
export function createPaperVenue(options: PaperOptions): Venue {
  const engine = new PaperEngine(options);
  return {
    id: options.id,
    data: marketData(options, engine),
    account: accountOf(options, engine),
    trading: tradingOf(engine),
  };
}

function marketData({ id, feed, clock }: PaperOptions, engine: PaperEngine): VenueMarketData {
  const at = () => clock.marketNow();
  function known(symbol: string): void {
    if (!engine.instruments.some((one) => one.symbol === symbol)) {
      throw new RetryableError(`${id} has no instrument ${symbol}`);
    }
  }
  return {
    venue: id,
    instruments: async () => engine.instruments,
    fundingRates: async () =>
      engine.instruments
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
      return { venue: id, symbol, ...engine.bookSides(symbol), observedAt: clock.wallNow() };
    },
    async markPrice(symbol) {
      known(symbol);
      return feed.mark(id, symbol, at());
    },
  };
}

function accountOf({ id, clock, leverage }: PaperOptions, engine: PaperEngine): VenueAccount {
  const { state } = engine;
  return {
    async account() {
      engine.settle();
      const valued = engine.valued();
      const equityUsd = equityOf(state.account, valued);
      const free = equityUsd.minus(usedMarginOf(valued, leverage));
      return {
        venue: id,
        equityUsd,
        freeCollateralUsd: usd(free.lt(ZERO) ? ZERO : free),
        maintenanceUsd: maintenanceOf(valued),
        observedAt: clock.wallNow(),
      };
    },
    async positions() {
      engine.settle();
      const valued = engine.valued();
      return valued.map((one) => {
        const entry = state.account.positions.get(one.instrument.symbol)?.entryPrice;
        return {
          venue: id,
          symbol: one.instrument.symbol,
          sizeBase: signedBase(one.sizeBase),
          entryPrice: entry ? price(entry) : null,
          markPrice: one.mark,
          liquidationPrice: liquidationOf(state.account, valued, one),
        };
      });
    },
    async openOrders() {
      engine.settle();
      const reports = [...state.orders.values()].map((order) => order.report);
      return reports.filter((report) => report.status === "open");
    },
    async lookupOrder(_symbol, clientOrderId) {
      engine.settle();
      const order = state.orders.get(clientOrderId);
      if (!order) return { kind: "notFound" };
      return { kind: "found", order: order.report, fills: engine.fillsOf(clientOrderId) };
    },
    async fills(since) {
      engine.settle();
      return state.fills.filter((fill) => fill.filledAt >= since);
    },
    async fundingPayments(since) {
      engine.settle();
      return state.payments.filter((payment) => payment.fundingAt > since);
    },
  };
}

function tradingOf(engine: PaperEngine): VenueTrading {
  return {
    async place(order): Promise<OrderOutcome> {
      return Guarded.isSealed(order) ? engine.place(order.request) : forged();
    },
    async cancel(cancel): Promise<OrderOutcome> {
      return Guarded.isSealed(cancel) ? engine.cancel(cancel.request.clientOrderId) : forged();
    },
  };
}

function forged(): OrderOutcome {
  return { kind: "refused", code: "OTHER", detail: "not a guarded order" };
}
