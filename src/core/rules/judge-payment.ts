import { type Decimal, dec, maxOf } from "#src/core/decimal.ts";
import { fundingPayment, normalizeRate } from "#src/core/funding.ts";
import type { Side } from "#src/core/hedge.ts";
import type { BaseSize, Price, Rate, Usd } from "#src/core/units.ts";

/** Of what is expected, and in USD: the larger one is let pass. */
const TOLERANCE = dec("0.01");
const TOLERANCE_USD = dec("0.01");
/**
 * The last trade at the stamp is neither the mark nor the oracle that payments are counted on. They part by
 * about the premium, and that is about the rate of 8 hours: up to this rate, twice the premium is let pass on
 * top; beyond it such a price weighs no payment.
 */
const TRADE_SLACK = dec("0.01");
const TRADE_UP_TO_8H = dec("0.005");

/** What one leg should have been paid at one settlement. */
export interface DuePayment {
  readonly side: Side;
  /** What was held across the stamp; null: not known. */
  readonly sizeBase: BaseSize | null;
  /** As the venue published it for everybody, a fraction per `intervalHours`. */
  readonly rate: Rate;
  readonly intervalHours: Decimal;
  /** `venue`: the one that the payment was counted on; `trade`: of the last trade before. Null: not known. */
  readonly price: { readonly usd: Price; readonly from: "venue" | "trade" } | null;
}

export type PaymentVerdict =
  | { readonly verdict: "unknown" }
  | { readonly verdict: "agrees" | "differs"; readonly expectedUsd: Usd };

/**
 * Is a payment what size, rate and price make of it (domain 2.10)? Off by more than the larger of 1 % and
 * 0.01 USD it differs; with a part that is not known, or not well enough, nothing is known of it.
 */
export function judgePayment(due: DuePayment, bookedUsd: Usd): PaymentVerdict {
  const { side, sizeBase, rate, intervalHours, price } = due;
  if (!sizeBase || !price) return { verdict: "unknown" };
  const isTrade = price.from === "trade";
  const rate8h = normalizeRate(rate, intervalHours, dec("8"));
  if (isTrade && rate8h.abs().gt(TRADE_UP_TO_8H)) return { verdict: "unknown" };
  const expectedUsd = fundingPayment(side, sizeBase, price.usd, rate);
  const owed = expectedUsd.abs();
  const slackUsd = isTrade ? owed.times(TRADE_SLACK) : dec("0");
  const allowedUsd = maxOf(owed.times(TOLERANCE), TOLERANCE_USD).plus(slackUsd);
  const differs = bookedUsd.minus(expectedUsd).abs().gt(allowedUsd);
  return { verdict: differs ? "differs" : "agrees", expectedUsd };
}

/** Large enough that a venue cannot have rounded it away. */
export function isWorthTelling(amountUsd: Usd): boolean {
  return amountUsd.abs().gt(TOLERANCE_USD);
}
