import type { LegPair } from "#src/backtest/carry-series.ts";
import { venueNamed } from "./venue-names.ts";

/** "hl-binance" or "hl_minus_binance": perps of two venues, the first short at +1. Null for anything else. */
export function parsePair(text: string): LegPair | null {
  const [first = "", second = "", ...more] = text.toLowerCase().split(/-|_minus_/);
  const legal = [first, second].every((name) => /^[a-z0-9]{2,20}$/.test(name));
  if (!legal || more.length > 0 || venueNamed(first) === venueNamed(second)) return null;
  return {
    first: { venue: venueNamed(first), kind: "perp" },
    second: { venue: venueNamed(second), kind: "perp" },
  };
}

/** One venue's perp against its own spot: short the perp and long the coins at +1. */
export function spotPair(venue: string): LegPair {
  const name = venueNamed(venue.toLowerCase());
  return { first: { venue: name, kind: "perp" }, second: { venue: name, kind: "spot" } };
}
