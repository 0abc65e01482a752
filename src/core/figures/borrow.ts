import { type Decimal, decFromInteger, sum, ZERO } from "#src/core/decimal.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import type { Asset, VenueId } from "#src/core/instrument.ts";
import type { Fill } from "#src/core/order.ts";
import {
  type BaseSize,
  type EpochMs,
  price,
  type Rate,
  rate,
  type Usd,
  usd,
} from "#src/core/units.ts";

/** What a venue asks for lending an asset to whoever sells it short on its spot market. */
export interface BorrowRate {
  readonly venue: VenueId;
  readonly asset: Asset;
  /** Fraction of the borrowed amount per hour, whatever period the venue quotes. */
  readonly perHour: Rate;
  /** What this account could borrow now; null where the venue does not say. */
  readonly maxBorrowBase: BaseSize | null;
  /** Wall time of the reading. */
  readonly observedAt: EpochMs;
}

/** Interest as the venue charged it. */
export interface InterestPayment {
  readonly venue: VenueId;
  readonly paymentId: string;
  /** The spot instrument whose short it was charged for; null when it was for none of them. */
  readonly symbol: string | null;
  /** Negative: paid by us. In USD at the moment of the charge. */
  readonly amountUsd: Usd;
  /** What the loan grew by, in its own coins; absent where it was paid with something else. */
  readonly grownBase?: BaseSize | undefined;
  /** Market time. */
  readonly chargedAt: EpochMs;
}

/**
 * Coins that a charge made us owe, as a sale at the price of the charge beside the interest itself: both cancel
 * in cash, and from then on what is held is what is owed. Null where the loan did not grow.
 */
export function grownFill(interest: InterestPayment): Fill | null {
  const { venue, symbol, paymentId, amountUsd, grownBase, chargedAt } = interest;
  if (symbol === null || !grownBase?.gt(ZERO)) return null;
  const id = `${GROWN}${paymentId}`;
  return {
    ...{ venue, symbol, tradeId: id, clientOrderId: id, side: "sell", sizeBase: grownBase },
    ...{ price: price(amountUsd.neg().div(grownBase)), feeUsd: usd(ZERO), liquidity: "maker" },
    ...{ cause: "order", filledAt: chargedAt },
  };
}

/** How much of what these fills made us owe is interest. */
export function grownIn(fills: readonly Fill[]): Decimal {
  return sum(fills.filter(({ tradeId }) => tradeId.startsWith(GROWN)).map((one) => one.sizeBase));
}

const GROWN = "interest:";

/** A venue's lending rate per hour, and its simple APR: venues quote by the hour or the day (domain 2.11). */
export function borrowPerHour(
  quoted: Decimal,
  periodMs: number,
): { readonly perHour: Rate; readonly apr: Decimal } {
  const perHour = quoted.times(decFromInteger(HOUR_MS)).div(decFromInteger(periodMs));
  return { perHour: rate(perHour), apr: perHour.times("8760") };
}

/**
 * Does a borrowed spot short with a perp long pay? Only when negative funding, received by the long, is
 * more than the interest with the safety margin on it (domain 2.11). All per hour.
 */
export function qualifyShortSpot(input: {
  readonly fundingRate: Decimal;
  readonly intervalHours: Decimal;
  readonly borrowPerHour: Decimal;
  readonly safety: Decimal;
}): { readonly fundingPerHour: Rate; readonly netPerHour: Rate; readonly qualifies: boolean } {
  const received = input.fundingRate.neg().div(input.intervalHours);
  return {
    fundingPerHour: rate(received),
    netPerHour: rate(received.minus(input.borrowPerHour)),
    qualifies: received.gt(input.borrowPerHour.times(input.safety)),
  };
}
