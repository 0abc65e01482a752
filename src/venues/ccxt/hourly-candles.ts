import type { Exchange } from "ccxt";
import { parseDecimal } from "#src/core/decimal.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import type { EpochMs, Price } from "#src/core/units.ts";
import type { Listed } from "./driver.ts";
import { fromWirePrice } from "./listed.ts";

/** `count` hours, of which the first begins at `since`. */
export interface Hours {
  readonly since: EpochMs;
  readonly count: number;
}

/** When each began, and at what it closed in the venue's own price unit; in any order. */
export interface Candle {
  readonly startedAt: EpochMs;
  readonly close: string;
}

export type Candles = (of: Listed, hours: Hours) => Promise<readonly Candle[]>;

/**
 * Hourly candles by ccxt's unified method, which all venues have. Its numbers are floats: these closes feed
 * indicators and nothing else, so a last digit does not matter. Null where this venue has none.
 */
export function createCandles(exchange: Exchange): Candles | null {
  if (!exchange.has["fetchOHLCV"]) return null;
  return async ({ ccxtSymbol }, { since, count }) => {
    // The running hour comes with it.
    const rows: readonly unknown[] = await exchange.fetchOHLCV(ccxtSymbol, "1h", since, count + 1);
    return rows.flatMap((one) => {
      const [startedAt, , , , close] = Array.isArray(one) ? one : [];
      return typeof startedAt === "number" ? { startedAt, close: String(close) } : [];
    });
  };
}

/** One close an hour: an hour in which nothing was traded closed as the one before it. */
export function closesOf(
  of: Listed,
  candles: readonly Candle[],
  { since, count }: Hours,
): readonly Price[] {
  const byHour = new Map(candles.map((one) => [one.startedAt, one.close]));
  const closes: Price[] = [];
  for (let hour = 0; hour < count; hour += 1) {
    const told = parseDecimal(byHour.get(since + hour * HOUR_MS) ?? "");
    const close = told?.gt("0") ? fromWirePrice(of, told) : closes.at(-1);
    if (close) closes.push(close);
  }
  return closes;
}
