import { type Decimal, ZERO } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import { type Price, price } from "#src/core/units.ts";

/** The middle of a ticker's best prices; throws where a side is empty. */
export function midOf(bid: Decimal, ask: Decimal): Price {
  if (bid.lte(ZERO) || ask.lt(bid)) throw new RetryableError("a ticker without two sides");
  return price(bid.plus(ask).div("2"));
}
