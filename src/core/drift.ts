import { type Decimal, maxOf, ZERO } from "./decimal.ts";

/** Net size and its share of the larger leg; signed sizes. 1 is one leg gone, 2 is both on one side. */
export function deltaDrift(a: Decimal, b: Decimal): { net: Decimal; drift: Decimal } {
  const net = a.plus(b);
  const larger = maxOf(a.abs(), b.abs());
  return { net, drift: larger.eq(ZERO) ? ZERO : net.abs().div(larger) };
}
