import { type Decimal, sum, ZERO } from "#src/core/decimal.ts";
import { hedgePnl } from "#src/core/figures/pnl.ts";
import type { HedgeLeg } from "#src/core/hedge.ts";
import { type Fill, openingOrderSide } from "#src/core/order.ts";
import { type Price, type Usd, usd } from "#src/core/units.ts";
import type { ProfitAndLoss } from "./profit-and-loss.ts";

/** The same result, cut in two ways; each pair sums exactly. */
export interface SplitResult {
  /** price = basis + residual: what the gap between the legs made, and what unequal legs made. */
  readonly basisUsd: Usd;
  readonly residualUsd: Usd;
  /** total = realised + unrealised: what is held, from its average entry to the mark, is unrealised. */
  readonly realisedUsd: Usd;
  readonly unrealisedUsd: Usd;
}

/** Null as soon as a mark of something held is missing. */
export function splitResult(
  pnl: ProfitAndLoss,
  legs: readonly HedgeLeg[],
  fills: readonly Fill[],
  markOf: (leg: HedgeLeg) => Price | null,
): SplitResult | null {
  const sides = legs.map((leg) => ({ leg, whole: wholeLeg(leg, fills, markOf(leg)) }));
  if (sides.some(({ leg, whole }) => whole === null && !leg.heldBase.eq(ZERO))) return null;
  const short = sides.find(({ leg }) => leg.side === "short")?.whole;
  const long = sides.find(({ leg }) => leg.side === "long")?.whole;
  const basis = short && long ? basisOf(short, long) : ZERO;
  const unrealised = sum(legs.map((leg) => unrealisedOf(leg, markOf(leg))));
  return {
    basisUsd: usd(basis),
    // As the rest, so that divisions by sizes cost no cent.
    residualUsd: usd(pnl.priceUsd.minus(basis)),
    realisedUsd: usd(pnl.totalUsd.minus(unrealised)),
    unrealisedUsd: usd(unrealised),
  };
}

interface WholeLeg {
  readonly quantity: Decimal;
  readonly entry: Decimal;
  /** Average of what was closed and of what is held at the mark. */
  readonly exit: Decimal;
}

function wholeLeg(leg: HedgeLeg, fills: readonly Fill[], mark: Price | null): WholeLeg | null {
  const opening = openingOrderSide(leg.side);
  const own = fills.filter((fill) => fill.venue === leg.venue && fill.symbol === leg.symbol);
  const value = (some: readonly Fill[]) => sum(some.map((fill) => fill.sizeBase.times(fill.price)));
  const entries = own.filter((fill) => fill.side === opening);
  const exits = own.filter((fill) => fill.side !== opening);
  const quantity = sum(entries.map((fill) => fill.sizeBase));
  if (quantity.eq(ZERO) || (mark === null && !leg.heldBase.eq(ZERO))) return null;
  const held = mark ? leg.heldBase.times(mark) : ZERO;
  return {
    quantity,
    entry: value(entries).div(quantity),
    exit: value(exits).plus(held).div(quantity),
  };
}

function basisOf(short: WholeLeg, long: WholeLeg): Decimal {
  return hedgePnl({
    ...{ qtyShort: short.quantity, shortEntry: short.entry, shortExit: short.exit },
    ...{ qtyLong: long.quantity, longEntry: long.entry, longExit: long.exit },
    ...{ funding: [], fees: [], borrow: ZERO },
  }).basis;
}

function unrealisedOf(leg: HedgeLeg, mark: Price | null): Decimal {
  if (!mark || !leg.entryPrice) return ZERO;
  const move = leg.heldBase.times(mark.minus(leg.entryPrice));
  return leg.side === "long" ? move : move.neg();
}
