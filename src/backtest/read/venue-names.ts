import type { SeriesLeg } from "#src/backtest/carry-series.ts";
import type { VenueId } from "#src/core/instrument.ts";

const SHORT_NAMES: ReadonlyMap<string, VenueId> = new Map([["hl", "hyperliquid"]]);

/** Standard taker fees without discounts, as a fraction of each fill's notional (domain 5.2, 5.3). */
const TAKER_FEES: Readonly<Record<SeriesLeg["kind"], ReadonlyMap<VenueId, string>>> = {
  perp: new Map([
    ["hyperliquid", "0.00045"],
    ["binance", "0.0005"],
    ["bybit", "0.00055"],
    ["okx", "0.0005"],
  ]),
  spot: new Map([
    ["binance", "0.001"],
    ["bybit", "0.001"],
    ["okx", "0.001"],
  ]),
};

/** The venue that a file or a person means: "hl" is hyperliquid. */
export function venueNamed(text: string): VenueId {
  return SHORT_NAMES.get(text) ?? text;
}

/** Null for a venue whose fee we do not know. */
export function takerFee({ kind, venue }: SeriesLeg): string | null {
  return TAKER_FEES[kind].get(venue) ?? null;
}
