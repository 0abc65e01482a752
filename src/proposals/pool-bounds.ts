import { type Decimal, maxOf, minOf, ONE, sum, ZERO } from "#src/core/decimal.ts";
import { maintenanceUsd, survivableNotional } from "#src/core/figures/maintenance.ts";
import type { Side } from "#src/core/hedge.ts";
import type { LegSnapshot, Snapshot } from "#src/core/snapshot.ts";

export interface PoolLeg {
  readonly leg: LegSnapshot;
  readonly side: Side;
}

/** One balance backs both legs: the same account, not two wallets of it. */
function isOnePool([a, b]: readonly [PoolLeg, PoolLeg]): boolean {
  const [mine, its] = [a.leg.account, b.leg.account];
  return mine.venue === its.venue && mine.wallet === its.wallet;
}

/**
 * Largest notional of one leg (USD) that the free balances pay: coins in full, perps by their leverage, and
 * both from one balance where the legs share it. `reserve` (fraction) of each balance stays free, and so does
 * what openings in flight may still take there (`reservedUsd`).
 */
export function freeMarginBound(
  legs: readonly [PoolLeg, PoolLeg],
  reserve: Decimal,
  reservedUsd: Snapshot["reservedUsd"],
): Decimal {
  const posted = ({ leg }: PoolLeg) => ONE.div(leg.leverage);
  const usable = (one: PoolLeg) => {
    const taken = reservedUsd.get(one.leg.account.venue) ?? ZERO;
    const free = one.leg.account.freeCollateralUsd.times(ONE.minus(reserve));
    return maxOf(free.minus(taken), ZERO);
  };
  const [a, b] = legs;
  if (isOnePool(legs)) {
    return minOf(usable(a), usable(b)).div(sum([posted(a), posted(b)]));
  }
  return minOf(usable(a).div(posted(a)), usable(b).div(posted(b)));
}

/**
 * Largest notional of one leg (USD) that stays `distance` away from liquidation on both; null when nothing can
 * liquidate it. What the other leg keeps of a shared balance backs nothing: bought coins their whole price.
 * `lostUsd`: what a leg's account loses in that move on what it holds already.
 */
export function distanceBound(
  legs: readonly [PoolLeg, PoolLeg],
  distance: Decimal,
  lostUsd: (own: PoolLeg) => Decimal = () => ZERO,
): Decimal | null {
  const [a, b] = legs;
  const shared = isOnePool(legs);
  const of = (own: PoolLeg, beside: PoolLeg) =>
    boundOf(own, shared ? beside : null, distance, lostUsd(own));
  const bounds = [of(a, b), of(b, a)];
  const [first, ...rest] = bounds.filter((bound) => bound !== null);
  return first ? minOf(first, ...rest) : null;
}

function boundOf(
  own: PoolLeg,
  beside: PoolLeg | null,
  distance: Decimal,
  lostUsd: Decimal,
): Decimal | null {
  if (isBought(own)) return null;
  const { account, instrument, markPrice } = own.leg;
  const taken = account.maintenanceUsd.plus(lostUsd);
  const available = maxOf(account.equityUsd.minus(taken), ZERO);
  const alone = survivableNotional({
    side: own.side,
    equityUsd: account.equityUsd,
    otherMaintenanceUsd: taken,
    ...{ maintenance: instrument, markPrice },
    adverseMove: distance,
  });
  if (!beside || alone.eq(ZERO)) return alone;
  // Alone N = E / x; beside a leg that keeps k of each of its dollars N = (E - k N) / x, so E / (x + k). A
  // larger position never keeps a smaller share, so what it keeps of the most that is possible is enough.
  return available.div(available.div(alone).plus(keptShare(beside, alone)));
}

/** What the other leg of this size keeps of a balance that both draw on, in USD; 0 where they do not. */
export function keptBeside(own: PoolLeg, other: PoolLeg, sizeBase: Decimal): Decimal {
  if (!isOnePool([own, other])) return ZERO;
  const notional = sizeBase.times(other.leg.markPrice);
  return notional.times(keptShare(other, notional));
}

/** Of each dollar of this notional (> 0): bought coins back nothing else, anything else keeps its maintenance. */
function keptShare(of: PoolLeg, notional: Decimal): Decimal {
  const { instrument, markPrice } = of.leg;
  if (isBought(of)) return ONE;
  return maintenanceUsd(instrument, notional.div(markPrice), markPrice).div(notional);
}

function isBought({ leg, side }: PoolLeg): boolean {
  return leg.instrument.kind === "spot" && side === "long";
}
