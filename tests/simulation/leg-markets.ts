import { type Decimal, maxOf, minOf, ZERO } from "#src/core/decimal.ts";
import type { HedgeLeg } from "#src/core/hedge.ts";
import { isSpotSymbol } from "#src/core/instrument.ts";
import type { VenueTruth } from "./venue-truth.ts";

/** Where one leg of a hedge stands. */
export interface LegMarket {
  readonly truth: VenueTruth;
  readonly symbol: string;
}

/** Where both legs of an asset's hedge stand, in the order in which they are opened. */
export interface AssetMarkets {
  readonly asset: string;
  readonly legs: readonly [LegMarket, LegMarket];
  /** One of them sells borrowed coins. */
  readonly borrows: boolean;
}

/** What the venues hold of it, as far as it is not the owner's own and no fee left it over: zero when neutral. */
export function netIn({ legs: [a, b] }: AssetMarkets): Decimal {
  return beyondOwn(a.truth.position(a.symbol).plus(b.truth.position(b.symbol)), [a, b]);
}

/** The same of each leg for itself, all sides counted. */
export function grossIn({ legs }: AssetMarkets): Decimal {
  return legs.reduce<Decimal>((sum, leg) => sum.plus(heldAt(leg).abs()), ZERO);
}

/** What one leg holds for its hedge, signed. */
export function heldAt(leg: LegMarket): Decimal {
  const size = leg.truth.position(leg.symbol);
  return isSpotSymbol(leg.symbol) ? beyondOwn(size, [leg]) : size;
}

/** What loans grew by, all in all: so far legs may be apart by interest alone. */
export function grownIn({ legs }: AssetMarkets): Decimal {
  return legs.reduce<Decimal>(
    (sum, { truth, symbol }) => sum.plus(truth.wallet.grown(symbol)),
    ZERO,
  );
}

/** Does a leg hold what the books say? Null when it does; interest that is not booked yet is no difference. */
export function differenceOf(
  { truth, symbol }: LegMarket,
  { heldBase, side }: HedgeLeg,
  unbookedBase: Decimal,
): Decimal | null {
  const signed = side === "long" ? heldBase : heldBase.neg();
  const over = truth.position(symbol).minus(signed);
  if (!isSpotSymbol(symbol)) return over.eq(ZERO) ? null : over;
  const beyond = beyondOwn(over, [{ truth, symbol }]);
  return beyond.lte(ZERO) && beyond.gte(unbookedBase.neg()) ? null : beyond;
}

function beyondOwn(size: Decimal, legs: readonly LegMarket[]): Decimal {
  const spot = legs.find(({ symbol }) => isSpotSymbol(symbol));
  if (!spot) return size;
  const { wallet } = spot.truth;
  const { least, most } = wallet.own(spot.symbol);
  // What a fee left over lies there, or has made a loan smaller.
  const spare = wallet.spare(spot.symbol);
  const over = maxOf<Decimal>(size.minus(maxOf(most, most.plus(spare))), ZERO);
  return minOf<Decimal>(size.minus(minOf(least, least.plus(spare))), over);
}
