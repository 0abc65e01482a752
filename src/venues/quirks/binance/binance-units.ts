import type { binanceusdm, Exchange } from "ccxt";
import type { Decimal } from "#src/core/decimal.ts";
import { canonicalAsset } from "#src/core/instrument.ts";
import { type BaseSize, baseSize, type Price, price } from "#src/core/units.ts";
import type { Listings } from "#src/venues/ccxt/driver.ts";

/**
 * Canonical base units in one of the venue's: 1000 for 1000PEPEUSDT. The multiplier stands at the head of
 * the symbol, so that a position in an instrument that is no longer listed is still sized right.
 */
export function unitOf(symbol: string, listings: Listings): Decimal {
  const listed = listings.get(symbol)?.instrument.contractSizeBase;
  return listed ?? canonicalAsset(symbol).unitMultiplier;
}

export function sizeIn(unit: Decimal, quantity: Decimal): BaseSize {
  return baseSize(quantity.times(unit));
}

export function priceIn(unit: Decimal, quoted: Decimal): Price {
  return price(quoted.div(unit));
}

/** The one place where the adapter's exchange becomes this venue's class. */
export function asBinance(exchange: Exchange): binanceusdm {
  return exchange as binanceusdm;
}

/** The code that Binance gave with an error that ccxt threw: its text ends with the venue's answer. */
export function thrownCode(error: unknown): string | null {
  const found = /"code":\s*"?(-?\d+)/.exec(error instanceof Error ? error.message : "");
  return found?.[1] ?? null;
}
