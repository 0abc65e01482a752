import type { BookLevel } from "#src/core/book.ts";
import { RetryableError } from "#src/core/errors.ts";
import type { Listed } from "#src/venues/ccxt/driver.ts";
import { fromWirePrice, toBase } from "#src/venues/ccxt/listed.ts";
import { decimalOrNull, type Row } from "#src/venues/ccxt/row.ts";

/** One side of a venue's order book, whose levels are lists or rows that have price and amount at `keys`. */
export function bookLevels(
  of: Listed,
  side: unknown,
  [priceKey, sizeKey]: readonly [price: string, size: string] = ["0", "1"],
): readonly BookLevel[] {
  if (!Array.isArray(side)) throw new RetryableError("order book: a side is missing");
  return side.map((level: unknown) => {
    const from: Row = Object(level);
    const [price, size] = [decimalOrNull(from, priceKey), decimalOrNull(from, sizeKey)];
    if (!price || !size) throw new RetryableError("order book: a broken level");
    return { price: fromWirePrice(of, price), sizeBase: toBase(of, size) };
  });
}
