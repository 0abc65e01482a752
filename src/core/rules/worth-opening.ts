import { type Decimal, dec } from "#src/core/decimal.ts";

const LEAST_SHARE = dec("0.1");

/**
 * Is what other hedges have left of a limit worth an opening that nobody asked for? Less than a tenth of what
 * a hedge may be there is the rest that rounding to lots and room for price moves always leave: it pays its
 * costs, earns cents, and takes one of the day's openings from the next good one. Both in USD of one leg.
 */
export function isWorthOpening(leftUsd: Decimal, wholeUsd: Decimal): boolean {
  return leftUsd.gte(wholeUsd.times(LEAST_SHARE));
}
