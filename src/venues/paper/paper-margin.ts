import { type Decimal, sum, ZERO } from "#src/core/decimal.ts";
import type { Instrument } from "#src/core/instrument.ts";
import type { OrderRequest } from "#src/core/order.ts";
import type { Price } from "#src/core/units.ts";
import type { FeedBorrow } from "#src/ports/market-feed.ts";
import type { Match } from "./match-order.ts";
import {
  type Exposure,
  equityOf,
  initialMarginOf,
  largestSizeOf,
  type PaperAccount,
  signOf,
} from "./paper-account.ts";

/**
 * Could the account post initial margin if the whole order filled, after what filling at once costs it
 * against the mark and in fees? Null when it could, or when the order adds nothing; else the figures.
 */
export function lackOfMargin(check: {
  readonly order: OrderRequest;
  readonly matches: readonly Match[];
  readonly instrument: Instrument;
  readonly mark: Price;
  readonly account: PaperAccount;
  readonly exposures: readonly Exposure[];
  readonly leverage: Decimal;
}): string | null {
  const { order, matches, instrument, mark, account, exposures, leverage } = check;
  const others = exposures.filter((one) => one.instrument.symbol !== order.symbol);
  const before = exposures.find((one) => one.instrument.symbol === order.symbol) ?? {
    ...{ instrument, mark, sizeBase: ZERO, restingBuys: ZERO, restingSells: ZERO },
  };
  const after: Exposure =
    order.side === "buy"
      ? { ...before, restingBuys: before.restingBuys.plus(order.sizeBase) }
      : { ...before, restingSells: before.restingSells.plus(order.sizeBase) };
  if (largestSizeOf(after).lte(largestSizeOf(before))) return null;
  const cost = sum(
    matches.map(({ price, sizeBase }) => {
      const worse = price.minus(mark).times(signOf(order.side));
      return sizeBase.times(worse.plus(price.times(instrument.takerFeeRate)));
    }),
  );
  const equity = equityOf(account, exposures).minus(cost);
  const needed = initialMarginOf([...others, after], leverage);
  if (equity.gte(needed)) return null;
  return `needs ${needed.toFixed(2)} USD of margin, ${equity.toFixed(2)} USD of equity`;
}

/** Who sells spot short must find somebody who lends it: null when somebody does, or nothing is borrowed. */
export function lackOfCoins(
  { side, sizeBase }: Pick<OrderRequest, "side" | "sizeBase">,
  heldBase: Decimal,
  instrument: Instrument,
  lent: FeedBorrow | null,
): string | null {
  const after = heldBase.minus(sizeBase);
  if (instrument.kind === "perp" || side === "buy" || after.gte(ZERO)) return null;
  if (!lent) return `nobody lends ${instrument.asset}`;
  const most = lent.maxBorrowBase;
  if (!most || after.abs().lte(most)) return null;
  return `needs ${after.abs().toFixed()} borrowed, ${most.toFixed()} are lent`;
}
