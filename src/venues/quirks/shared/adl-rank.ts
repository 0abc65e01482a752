import type { Decimal } from "#src/core/decimal.ts";

/** From 1, the last in the queue, to 5, the first; absent where the venue says none. */
export function adlRank(said: Decimal | null, first: 4 | 5): { readonly adlRank?: number } {
  // Who counts from 0 to 4 means the same five places.
  const rank = said === null ? 0 : Math.trunc(Number(said.toFixed())) + (5 - first);
  return rank >= 1 && rank <= 5 ? { adlRank: rank } : {};
}
