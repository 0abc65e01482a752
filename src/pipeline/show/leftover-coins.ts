import { type Decimal, sum, ZERO } from "#src/core/decimal.ts";
import { LIVE_PHASES } from "#src/core/hedge.ts";
import { isSpotSymbol } from "#src/core/instrument.ts";
import type { Position } from "#src/core/order.ts";
import { type Usd, usd } from "#src/core/units.ts";
import { isLeftover } from "#src/execution/legs/spot-balance.ts";
import type { PipelineContext } from "#src/pipeline/context.ts";

/**
 * What fees in coins left over, at the marks. Buying spot costs a little more than what is held, and all of it
 * is booked as a fee; the coins below a lot that remain are still in the account. So the accounts hold what
 * they began with, what the ledger says was earned, and this. The owner's own coins are not among it.
 */
export function leftoverCoinsUsd(
  { store, execution }: Pick<PipelineContext, "store" | "execution">,
  positions: Iterable<Position>,
): Usd {
  const held = new Map<string, Decimal>();
  for (const { legs } of store.listHedges(LIVE_PHASES)) {
    for (const { venue, symbol, side, heldBase } of legs) {
      held.set(`${venue}:${symbol}`, side === "long" ? heldBase : heldBase.neg());
    }
  }
  const values = [...positions]
    .filter(({ symbol }) => isSpotSymbol(symbol))
    .map(({ venue, symbol, sizeBase, markPrice }) => {
      const over = sizeBase.minus(held.get(`${venue}:${symbol}`) ?? ZERO);
      return isLeftover(execution, { venue, symbol }, over) ? over.times(markPrice) : ZERO;
    });
  return usd(sum(values));
}
