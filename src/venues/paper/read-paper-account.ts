import { type Decimal, minOf, ZERO } from "#src/core/decimal.ts";
import { isSpotSymbol } from "#src/core/instrument.ts";
import { price, signedBase, usd } from "#src/core/units.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { VenueAccount } from "#src/ports/venue.ts";
import type { OnEngine } from "./on-engine.ts";
import { equityOf, initialMarginOf, liquidationOf, maintenanceOf } from "./paper-account.ts";
import type { PaperEngine } from "./paper-engine.ts";

/** The simulated account behind the port; every read brings it up to now first. */
export function readPaperAccount(parts: {
  readonly id: string;
  readonly clock: Clock;
  readonly onEngine: OnEngine;
  /** Wall time of the oldest price that the account is valued at. */
  readonly observedAt: () => number;
}): VenueAccount {
  const { id, clock, onEngine, observedAt } = parts;
  return {
    account: () =>
      onEngine((engine) => {
        const exposures = engine.exposures(engine.settle());
        const equityUsd = equityOf(engine.state.account, exposures);
        const free = equityUsd.minus(initialMarginOf(exposures, engine.leverage));
        return {
          venue: id,
          equityUsd,
          freeCollateralUsd: usd(free.lt(ZERO) ? ZERO : free),
          maintenanceUsd: maintenanceOf(exposures),
          observedAt: observedAt(),
        };
      }),
    setup: (symbol) =>
      onEngine((engine) => ({
        leverage: isSpotSymbol(symbol)
          ? null
          : minOf<Decimal>(engine.leverage, engine.market.require(symbol).maxLeverage),
        ...{ positionMode: "oneWay", marginMode: "cross", status: "trading" },
      })),
    feeRates: (symbol) =>
      onEngine((engine) => {
        const { takerFeeRate, makerFeeRate } = engine.market.require(symbol);
        return { takerFeeRate, makerFeeRate };
      }),
    positions: () => onEngine((engine) => positionsOf(id, engine)),
    openOrders: () =>
      onEngine((engine) => {
        engine.settle();
        return engine.openOrders().map((order) => order.report);
      }),
    lookupOrder: (symbol, clientOrderId) =>
      onEngine((engine) => {
        engine.settle();
        const order = engine.state.orders.get(clientOrderId);
        if (order?.request.symbol !== symbol) {
          return { kind: "notFound", venueTime: clock.wallNow() };
        }
        return { kind: "found", order: order.report, fills: engine.fillsOf(clientOrderId) };
      }),
    fills: (since) =>
      onEngine((engine) => {
        engine.settle();
        return engine.state.fills.filter((fill) => fill.filledAt >= since);
      }),
    fundingPayments: (since) =>
      onEngine((engine) => {
        engine.settle();
        return engine.state.payments
          .filter((payment) => payment.fundingAt > since)
          .toSorted((a, b) => a.fundingAt - b.fundingAt);
      }),
    interestPayments: (since) =>
      onEngine((engine) => {
        engine.settle();
        return engine.state.interests
          .filter((interest) => interest.chargedAt > since)
          .toSorted((a, b) => a.chargedAt - b.chargedAt);
      }),
    // Paper money never comes or goes.
    transfers: async () => [],
  };
}

function positionsOf(id: string, engine: PaperEngine) {
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
}
