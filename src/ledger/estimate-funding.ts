import { decFromInteger } from "#src/core/decimal.ts";
import { type FundingRate, fundingPayment, intervalToMs } from "#src/core/funding.ts";
import type { HedgeLeg } from "#src/core/hedge.ts";
import { type EpochMs, type Price, type Usd, usd } from "#src/core/units.ts";

/**
 * What a leg has accrued since its last settlement if the upcoming rate holds: pro rata in time. An
 * estimate for the eye; discrete venues pay nothing before the stamp, so it never enters the ledger.
 */
export function estimateFunding(
  leg: HedgeLeg,
  funding: FundingRate,
  mark: Price,
  marketNow: EpochMs,
): Usd {
  const intervalMs = intervalToMs(funding.intervalHours);
  const elapsedMs = Math.min(intervalMs, Math.max(0, intervalMs - (funding.fundingAt - marketNow)));
  const full = fundingPayment(leg.side, leg.heldBase, mark, funding.rate);
  return usd(full.times(decFromInteger(elapsedMs)).div(decFromInteger(intervalMs)));
}
