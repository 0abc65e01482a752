import { type Decimal, ZERO } from "#src/core/decimal.ts";

/** What a net result on capital means beside doing nothing and beside cash, both a year. */
export function verdictOf(netAprOnCapital: Decimal, cashYield: Decimal): string {
  if (netAprOnCapital.lt(ZERO)) return "nothing worth doing: it loses money";
  if (netAprOnCapital.lte(cashYield)) return "nothing worth doing: cash pays as much or more";
  return "it pays more than cash";
}
