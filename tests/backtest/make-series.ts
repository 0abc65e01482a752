import type { CarrySeries, LegPair, StepPrices } from "#src/backtest/carry-series.ts";
import type { TradeCosts } from "#src/backtest/trade-costs.ts";
import { dec } from "#src/core/decimal.ts";
import { HOUR_MS } from "#src/core/funding.ts";

export const PERPS: LegPair = {
  first: { venue: "hyperliquid", kind: "perp" },
  second: { venue: "binance", kind: "perp" },
};
export const SPOT: LegPair = {
  first: { venue: "binance", kind: "perp" },
  second: { venue: "binance", kind: "spot" },
};
export const TAKERS = costs("0.00095");
const START = Date.UTC(2026, 0, 1);

export function costs(fee: string, slippage = "0", borrow: string | null = null): TradeCosts {
  return {
    feeRate: dec(fee),
    slippageRate: dec(slippage),
    borrowPerHour: borrow === null ? null : dec(borrow),
  };
}

/** Steps that paid so many units of 1e-12, on a regular grid. */
export function makeSeries(
  carry: readonly number[],
  more: Partial<CarrySeries> & { readonly prices?: StepPrices } = {},
): CarrySeries {
  const stepHours = more.stepHours ?? 8;
  const values = Float64Array.from(carry, Math.round);
  return {
    ...PERPS,
    asset: "BTC",
    stepHours,
    places: 12,
    endAt: Float64Array.from(carry, (_, step) => START + (step + 1) * stepHours * HOUR_MS),
    carry: values,
    settled8h: values.map((value) => (value * 8) / stepHours),
    upcoming8h: null,
    stamps: null,
    prices: null,
    rounded: 0,
    gaps: 0,
    ...more,
  };
}

/** One basis point in units of 1e-12. */
export const BP = 1e8;
