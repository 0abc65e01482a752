import { type Decimal, sum, ZERO } from "./decimal.ts";
import type { Side } from "./hedge.ts";

export interface HedgePnl {
  readonly priceShort: Decimal;
  readonly priceLong: Decimal;
  /** The gap's change on the matched size. */
  readonly basis: Decimal;
  /** What unequal legs made of the market's move: 0 for equal legs. */
  readonly residualDelta: Decimal;
  readonly funding: Decimal;
  readonly fees: Decimal;
  readonly borrow: Decimal;
  readonly total: Decimal;
}

/** Exact decomposition of a hedge's result (domain 2.10): basis + residual = both price legs. */
export function hedgePnl(input: {
  readonly qtyShort: Decimal;
  readonly qtyLong: Decimal;
  readonly shortEntry: Decimal;
  readonly shortExit: Decimal;
  readonly longEntry: Decimal;
  readonly longExit: Decimal;
  readonly funding: readonly Decimal[];
  /** Paid, as positive numbers. */
  readonly fees: readonly Decimal[];
  readonly borrow: Decimal;
}): HedgePnl {
  const shortMove = input.shortExit.minus(input.shortEntry);
  const longMove = input.longExit.minus(input.longEntry);
  const priceShort = input.qtyShort.times(shortMove).neg();
  const priceLong = input.qtyLong.times(longMove);
  const meanQty = input.qtyShort.plus(input.qtyLong).div("2");
  const basis = meanQty.times(shortMove.minus(longMove)).neg();
  const residualDelta = input.qtyLong
    .minus(input.qtyShort)
    .times(shortMove.plus(longMove))
    .div("2");
  const funding = sum(input.funding);
  const fees = sum(input.fees).neg();
  const borrow = ZERO.minus(input.borrow);
  const total = sum([basis, residualDelta, funding, fees, borrow]);
  return { priceShort, priceLong, basis, residualDelta, funding, fees, borrow, total };
}

/** Size and volume-weighted price of entry fills; null price without fills. */
export function averageEntry(
  fills: readonly { readonly size: Decimal; readonly price: Decimal }[],
): {
  readonly size: Decimal;
  readonly price: Decimal | null;
} {
  const size = sum(fills.map((fill) => fill.size));
  const cost = sum(fills.map((fill) => fill.size.times(fill.price)));
  return { size, price: size.eq(ZERO) ? null : cost.div(size) };
}

/** Realised on a reduce: q (P − avg) towards the side; the average stays. */
export function partialClose(input: {
  readonly side: Side;
  readonly size: Decimal;
  readonly average: Decimal;
  readonly closeSize: Decimal;
  readonly closePrice: Decimal;
}): { readonly realised: Decimal; readonly remaining: Decimal; readonly average: Decimal } {
  const move = input.closePrice.minus(input.average);
  const realised = input.closeSize.times(input.side === "long" ? move : move.neg());
  return { realised, remaining: input.size.minus(input.closeSize), average: input.average };
}

/** What the accounts should hold, and what nobody can explain of what they do hold. */
export function equityIdentity(input: {
  readonly start: readonly Decimal[];
  readonly deposits: Decimal;
  readonly withdrawals: Decimal;
  readonly pnl: readonly Decimal[];
  readonly end: readonly Decimal[];
}): { readonly expectedEnd: Decimal; readonly actualEnd: Decimal; readonly unexplained: Decimal } {
  const expectedEnd = sum([...input.start, ...input.pnl])
    .plus(input.deposits)
    .minus(input.withdrawals);
  const actualEnd = sum(input.end);
  return { expectedEnd, actualEnd, unexplained: actualEnd.minus(expectedEnd) };
}
