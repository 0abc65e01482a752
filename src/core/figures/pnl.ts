import { type Decimal, sum, ZERO } from "#src/core/decimal.ts";
import { fundingPayment } from "#src/core/funding.ts";
import type { Side } from "#src/core/hedge.ts";
import type { BaseSize, Price } from "#src/core/units.ts";

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
  let size = ZERO;
  let cost = ZERO;
  for (const fill of fills) {
    size = size.plus(fill.size);
    cost = cost.plus(fill.size.times(fill.price));
  }
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

/**
 * What a run of settlements paid (domain 2.10): each on the size and the reference price of its own stamp.
 * `sumRates` times the entry notional would be wrong, which is why both are told.
 */
export function fundingSeries(
  side: Side,
  settlements: readonly {
    readonly sizeBase: BaseSize;
    readonly refPrice: Price;
    readonly rate: Decimal;
  }[],
): { readonly total: Decimal; readonly sumRates: Decimal } {
  return {
    total: sum(settlements.map((at) => fundingPayment(side, at.sizeBase, at.refPrice, at.rate))),
    sumRates: sum(settlements.map((at) => at.rate)),
  };
}

/** What one settlement currency brought, and the balance that was held in it. */
export interface QuoteLine {
  readonly pnl: Decimal;
  readonly collateral: Decimal;
  /** USD for one of it, at the start and now. */
  readonly usdAtStart: Decimal;
  readonly usdNow: Decimal;
}

/**
 * Legs that settle in different dollars, in USD (domain 2.10): their P&L at today's price, and, as a line
 * of its own, what the collateral made of the currency's move. USDT and USDC are not 1.
 */
export function crossQuote(lines: readonly QuoteLine[]): {
  readonly usd: Decimal;
  readonly collateralFx: Decimal;
} {
  return {
    usd: sum(lines.map((line) => line.pnl.times(line.usdNow))),
    collateralFx: sum(
      lines.map((line) => line.collateral.times(line.usdNow.minus(line.usdAtStart))),
    ),
  };
}

/** A position's P&L at the mark (equity counts this), and at the price that closing it would really get. */
export function markVsExit(position: {
  readonly side: Side;
  readonly size: Decimal;
  readonly entry: Decimal;
  readonly mark: Decimal;
  /** The ask closes a short, the bid a long. */
  readonly exit: Decimal;
}): { readonly markPnl: Decimal; readonly exitPnl: Decimal } {
  const directed = position.side === "long" ? position.size : position.size.neg();
  return {
    markPnl: directed.times(position.mark.minus(position.entry)),
    exitPnl: directed.times(position.exit.minus(position.entry)),
  };
}
