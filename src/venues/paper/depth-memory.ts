import type { BookLevel } from "#src/core/book.ts";
import { type Decimal, decFromInteger, floorToStep, roundToStep, ZERO } from "#src/core/decimal.ts";
import type { Fill, OrderSide } from "#src/core/order.ts";
import { baseSize, type EpochMs } from "#src/core/units.ts";

/** Depth that our own fills took comes back evenly over this much market time. */
const REFILL_MS = 60_000;

/**
 * What our own fills took from a market that does not know us, so that the same depth is not sold to us
 * twice. Counted as a size from the best price on, because levels move with the mark.
 */
export class DepthMemory {
  readonly #taken = new Map<string, { readonly at: EpochMs; readonly sizeBase: Decimal }>();

  remember({ symbol, side, sizeBase, filledAt }: Fill): void {
    const left = this.#missing(symbol, side, filledAt);
    this.#taken.set(keyOf(symbol, side), { at: filledAt, sizeBase: left.plus(sizeBase) });
  }

  /** Starts again from these fills, oldest first. */
  recall(fills: readonly Fill[]): void {
    this.#taken.clear();
    for (const fill of fills) this.remember(fill);
  }

  /** The levels that an order of `side` may still take from, on the lot. */
  whatIsLeft(
    levels: readonly BookLevel[],
    order: { readonly symbol: string; readonly side: OrderSide; readonly lot: Decimal },
    at: EpochMs,
  ): readonly BookLevel[] {
    let missing = roundToStep(this.#missing(order.symbol, order.side, at), order.lot, "up");
    const left: BookLevel[] = [];
    for (const level of levels) {
      const whole = floorToStep(level.sizeBase, order.lot);
      const gone = missing.lt(whole) ? missing : whole;
      missing = missing.minus(gone);
      if (whole.gt(gone)) left.push({ price: level.price, sizeBase: baseSize(whole.minus(gone)) });
    }
    return left;
  }

  #missing(symbol: string, side: OrderSide, at: EpochMs): Decimal {
    const taken = this.#taken.get(keyOf(symbol, side));
    const leftMs = taken ? taken.at + REFILL_MS - at : 0;
    if (!taken || leftMs <= 0) return ZERO;
    const left = decFromInteger(Math.min(leftMs, REFILL_MS));
    return taken.sizeBase.times(left).div(decFromInteger(REFILL_MS));
  }
}

function keyOf(symbol: string, side: OrderSide): string {
  return `${symbol}:${side}`;
}
