import { type Decimal, ZERO } from "#src/core/decimal.ts";
import type { EpochMs } from "#src/core/units.ts";
import { isDollar } from "./spot-symbols.ts";

const MINUTE_MS = 60_000;

/** What coins were worth in dollars at a moment of the past; each minute's price is asked for once. */
export function createValuer(
  priceAt: (coin: string, minute: EpochMs) => Promise<Decimal>,
): (coin: string, amount: Decimal, at: EpochMs) => Promise<Decimal> {
  const prices = new Map<string, Promise<Decimal>>();
  return async (coin, amount, at) => {
    if (isDollar(coin) || amount.eq(ZERO)) return amount;
    const minute = Math.floor(at / MINUTE_MS) * MINUTE_MS;
    const key = `${coin}:${minute}`;
    const asked = prices.get(key) ?? priceAt(coin, minute);
    prices.set(key, asked);
    asked.catch(() => prices.delete(key));
    return amount.times(await asked);
  };
}
