import { decFromInteger, ONE, sum, ZERO } from "#src/core/decimal.ts";
import { type FundingRate, intervalToMs } from "#src/core/funding.ts";
import type { Side } from "#src/core/hedge.ts";
import type { EpochMs } from "#src/core/units.ts";
import { inEntryWindow } from "./entry-gate.ts";

/** Venues stamp a few seconds early or late: nothing is filled this near to a payment. */
const [BEFORE_STAMP_MS, AFTER_STAMP_MS] = [60_000, 30_000];
/** Two venues' payments that are as near as this are one moment. */
const SAME_STAMP_MS = 60_000;

/** A perp leg; spot has no payments and is left out. */
export interface StampedLeg extends Pick<FundingRate, "rate" | "intervalHours" | "fundingAt"> {
  readonly side: Side;
}

export interface WindowVerdict {
  readonly isOpen: boolean;
  /** The payment that it goes by; null when there is none to wait for. */
  readonly stampAt: EpochMs | null;
}

/**
 * Is this a good minute to open (domain 2.6)? A timing inside the rules, never a reason to trade: shortly
 * before the payment to us, of the leg that settles less often; never around any payment, and not when we
 * would pay first more than we then receive. Where every leg settles hourly any other minute will do.
 */
export function judgeWindow(
  now: EpochMs,
  legs: readonly StampedLeg[],
  { minMinutes, maxMinutes }: { readonly minMinutes: number; readonly maxMinutes: number },
): WindowVerdict {
  const paying = legs.filter(favours);
  const wanted = paying.reduce<StampedLeg | null>(
    (best, leg) => (best?.intervalHours.gte(leg.intervalHours) ? best : leg),
    null,
  );
  const stampAt = wanted?.fundingAt ?? null;
  if (legs.some((leg) => isNearStamp(now, leg))) return { isOpen: false, stampAt };
  if (!wanted || legs.every((leg) => leg.intervalHours.lte(ONE))) return { isOpen: true, stampAt };
  const isTimely = inEntryWindow(now, wanted.fundingAt, minMinutes, maxMinutes);
  return { isOpen: isTimely && !paysFirst(legs, paying), stampAt };
}

function favours({ side, rate }: StampedLeg): boolean {
  return side === "short" ? rate.gt(ZERO) : rate.lt(ZERO);
}

function isNearStamp(now: EpochMs, { fundingAt, intervalHours }: StampedLeg): boolean {
  const last = fundingAt - intervalToMs(intervalHours);
  return fundingAt - now <= BEFORE_STAMP_MS || now - last <= AFTER_STAMP_MS;
}

/**
 * Is one of these legs being settled about now? Prices jump, and a fill may count at the payment or not. Also of
 * a card that is older than the payment.
 */
export function isAtStamp(
  now: EpochMs,
  legs: readonly Pick<StampedLeg, "fundingAt" | "intervalHours">[],
): boolean {
  return legs.some(({ fundingAt, intervalHours }) =>
    [fundingAt, fundingAt - intervalToMs(intervalHours)].some(
      (stamp) => stamp - now <= BEFORE_STAMP_MS && now - stamp <= AFTER_STAMP_MS,
    ),
  );
}

/**
 * Would we pay before we are first paid, or in the same moment, and more than that pays? An hour's payment to
 * us is not worth the eight hours that the other leg settles with it.
 */
function paysFirst(legs: readonly StampedLeg[], paying: readonly StampedLeg[]): boolean {
  const until = Math.min(...paying.map(({ fundingAt }) => fundingAt)) + SAME_STAMP_MS;
  const received = legs.map((leg) => {
    const paid = leg.rate.times(decFromInteger(stampsUntil(until, leg)));
    return leg.side === "short" ? paid : paid.neg();
  });
  return sum(received).lte(ZERO);
}

function stampsUntil(until: EpochMs, { fundingAt, intervalHours }: StampedLeg): number {
  return until < fundingAt ? 0 : 1 + Math.floor((until - fundingAt) / intervalToMs(intervalHours));
}
