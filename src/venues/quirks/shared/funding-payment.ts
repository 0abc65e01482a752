import { RetryableError } from "#src/core/errors.ts";
import type { FundingPayment } from "#src/core/funding.ts";
import { readFundingPayment } from "#src/venues/funding/read-funding-payment.ts";
import { hourOf } from "./hour-of.ts";

/** A row of payments as the port wants it, of a venue that settles by the hour and says all of it. */
export function fundingPayment(venue: string, symbol: string, info: unknown): FundingPayment {
  const reading = readFundingPayment(venue, { info });
  if ("refused" in reading) throw new RetryableError("a payment is not understood");
  const { received, dedupeKey, paidAt, rate } = reading;
  if (!dedupeKey || !paidAt || !rate) throw new RetryableError("a payment is incomplete");
  const fundingAt = hourOf(paidAt);
  return { venue, symbol, paymentId: dedupeKey, fundingAt, amountUsd: received, rate };
}
