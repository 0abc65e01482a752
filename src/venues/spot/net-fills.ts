import { type Decimal, sum, ZERO } from "#src/core/decimal.ts";
import type { Fill } from "#src/core/order.ts";
import { baseSize, usd } from "#src/core/units.ts";
import type { Listed } from "#src/venues/ccxt/driver.ts";
import { netSizes } from "./net-size.ts";
import type { SpotTrade } from "./spot-driver.ts";
import { coinOf, inCoins } from "./spot-symbols.ts";

/** The trades of one order in the order in which they happened, whichever way they were told. */
export function inTurn(trades: readonly SpotTrade[]): readonly SpotTrade[] {
  const each = [...new Map(trades.map((one) => [one.tradeId, one])).values()];
  return each.toSorted((a, b) => a.filledAt - b.filledAt || byNumber(a.tradeId, b.tradeId));
}

/**
 * The fills of one order, net: what the account's coins changed by, and as their fee all that this cost
 * beyond size x price: what was bought and not counted stays in the wallet and is paid for here.
 */
export async function netFills(
  of: Listed,
  trades: readonly SpotTrade[],
  parts: {
    /** Null for an order that is not ours. */
    readonly asked: Decimal | null;
    readonly valueUsd: (coin: string, amount: Decimal, at: number) => Promise<Decimal>;
  },
): Promise<readonly Fill[]> {
  const turns = inTurn(trades);
  const [first] = turns;
  if (!first) return [];
  const { side } = first;
  const gross = turns.map((one) => ({ size: one.size, feeCoins: inCoins(of, one) }));
  const { lotStepBase: lot, symbol, venue } = of.instrument;
  const sizes = netSizes(gross, { side, lot, asked: parts.asked });
  const fills: Fill[] = [];
  // Of trades too small to count until a later one does.
  let carried = ZERO;
  for (const [index, trade] of turns.entries()) {
    const size = sizes[index] ?? ZERO;
    const uncounted = side === "buy" ? trade.size.minus(size) : size.minus(trade.size);
    const elsewhere =
      trade.feeCoin === coinOf(of)
        ? ZERO
        : await parts.valueUsd(trade.feeCoin, trade.fee, trade.filledAt);
    const cost = sum([carried, uncounted.times(trade.price), elsewhere]);
    carried = fills.length === 0 && size.eq(ZERO) ? cost : ZERO;
    if (fills.length === 0 && size.eq(ZERO)) continue;
    fills.push({
      ...{ venue, symbol, side, tradeId: trade.tradeId, clientOrderId: trade.clientOrderId },
      ...{ sizeBase: baseSize(size), price: trade.price, feeUsd: usd(cost) },
      ...{ liquidity: trade.liquidity, cause: "order", filledAt: trade.filledAt },
    });
  }
  return fills;
}

/** Trade ids are numbers at most venues; of one length they sort as text. */
function byNumber(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : 1);
}
