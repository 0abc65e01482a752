import { type Decimal, ZERO } from "#src/core/decimal.ts";
import { SPOT_SUFFIX } from "#src/core/instrument.ts";
import type { Listed } from "#src/venues/ccxt/driver.ts";
import type { SpotTrade } from "./spot-driver.ts";

const DOLLARS = new Set(["USD", "USDT", "USDC", "FDUSD", "USD1", "USDE", "DAI", "TUSD"]);
/** Quotes that are traded against, the better one first: one balance of a coin backs one instrument. */
export const QUOTES: readonly string[] = ["USDT", "USDC"];

export function isDollar(coin: string): boolean {
  return DOLLARS.has(coin);
}

/** The venue's own name of a spot market. */
export function wireSymbolOf({ instrument: { symbol } }: Listed): string {
  return symbol.slice(0, -SPOT_SUFFIX.length);
}

/** The venue's name of the coin that is traded. */
export function coinOf({ coin, instrument }: Listed): string {
  return coin ?? instrument.asset;
}

/** The part of a trade's fee that was taken in the traded coin, in canonical base units. */
export function inCoins(of: Listed, { fee, feeCoin }: SpotTrade): Decimal {
  return feeCoin === coinOf(of) ? fee.times(of.instrument.contractSizeBase) : ZERO;
}

/**
 * Spot only where its asset also has a perpetual, and one market a coin: two would show one balance twice.
 */
export function onlyHedgeable(listed: readonly Listed[]): readonly Listed[] {
  const perps = new Set(assetsOf(listed, "perp"));
  const chosen = new Map<string, Listed>();
  for (const one of listed) {
    const { kind, asset, settleCurrency } = one.instrument;
    if (kind !== "spot" || !perps.has(asset)) continue;
    const rival = chosen.get(asset);
    if (!rival || rank(settleCurrency) < rank(rival.instrument.settleCurrency))
      chosen.set(asset, one);
  }
  return [...listed.filter((one) => one.instrument.kind === "perp"), ...chosen.values()];
}

function assetsOf(listed: readonly Listed[], kind: "perp" | "spot"): readonly string[] {
  return listed.flatMap(({ instrument }) => (instrument.kind === kind ? instrument.asset : []));
}

function rank(quote: string): number {
  return QUOTES.indexOf(quote);
}
