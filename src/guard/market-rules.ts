import { levelsFor, midPrice, type OrderBook, walkBook } from "#src/core/book.ts";
import { dec, ZERO } from "#src/core/decimal.ts";
import { type Denial, denial } from "#src/core/denial.ts";
import { openingOrderSide } from "#src/core/order.ts";
import type { OpenLeg } from "#src/core/proposal.ts";
import type { LegSnapshot } from "#src/core/snapshot.ts";
import type { EpochMs } from "#src/core/units.ts";
import { type OpenCheck, where } from "./leg-rules.ts";

/*
 * What a leg is judged by must have been read just now, be believable, and at the tap be as the card had it.
 */

/** A clock that runs ahead of ours by more than this is as bad as old data. */
const FUTURE_TOLERANCE_MS = 1_000;
/** As much as funding must exceed a loan's cost by at entry: beyond it the trade may pay for nothing. */
const MOST_LOAN_RISE = dec("1.2");

/** Who sells spot short needs somebody who lends it, enough of it, at a price that was just read. */
export function borrowable(leg: OpenLeg, seen: LegSnapshot, check: OpenCheck): Denial | null {
  const { instrument, borrow } = seen;
  if (instrument.kind === "perp" || leg.side === "long") return null;
  if (borrow?.venue !== leg.venue || borrow.asset !== leg.asset) {
    return denial("BORROW_UNKNOWN", where(leg));
  }
  const { maxBorrowBase, observedAt } = borrow;
  const old = stale("BORROW_STALE", leg, observedAt, check.limits.maxRateAgeMs, check.now);
  if (old || maxBorrowBase === null || leg.sizeBase.lte(maxBorrowBase)) return old;
  return denial("BORROW_INSUFFICIENT", {
    ...where(leg),
    sizeBase: leg.sizeBase.toFixed(),
    mostBase: maxBorrowBase.toFixed(),
  });
}

/** At the tap: a loan that has become dearer is another trade than the one on the card. */
export function loanUnmoved(leg: OpenLeg, { instrument, borrow }: LegSnapshot): Denial | null {
  if (instrument.kind === "perp" || leg.side === "long" || !borrow) return null;
  const shown = leg.fundingRate.neg().div(leg.intervalHours);
  if (borrow.perHour.lte(shown.times(MOST_LOAN_RISE))) return null;
  return denial("BORROW_MOVED", {
    ...where(leg),
    seen: shown.toFixed(),
    now: borrow.perHour.toFixed(),
  });
}

export function rateFresh(leg: OpenLeg, { funding }: LegSnapshot, check: OpenCheck): Denial | null {
  return stale("RATE_STALE", leg, funding.observedAt, check.limits.maxRateAgeMs, check.now);
}

export function bookFresh(leg: OpenLeg, { book }: LegSnapshot, check: OpenCheck): Denial | null {
  return stale("BOOK_STALE", leg, book.observedAt, check.limits.maxBookAgeMs, check.now);
}

export function equityFresh(
  leg: OpenLeg,
  { account }: LegSnapshot,
  check: OpenCheck,
): Denial | null {
  return stale("EQUITY_STALE", leg, account.observedAt, check.limits.maxEquityAgeMs, check.now);
}

export function ratePlausible(
  leg: OpenLeg,
  { funding }: LegSnapshot,
  check: OpenCheck,
): Denial | null {
  const plausible =
    funding.rate.abs().lte(check.limits.maxRatePerInterval) && funding.intervalHours.gt(ZERO);
  return plausible
    ? null
    : denial("RATE_IMPLAUSIBLE", { ...where(leg), rate: funding.rate.toFixed() });
}

/** Near what was seen, and the whole leg still to be had at its worst price: else only the other leg would fill. */
export function priceUnmoved(
  leg: OpenLeg,
  { book }: LegSnapshot,
  { limits }: OpenCheck,
): Denial | null {
  const mid = midPrice(book);
  const move = mid?.div(leg.priceSeen).minus("1").abs();
  if (move?.lte(limits.maxPriceMove) && fillsWithin(leg, book)) return null;
  return denial("PRICE_MOVED", {
    ...where(leg),
    seen: leg.priceSeen.toFixed(),
    now: mid?.toFixed() ?? "unknown",
  });
}

function fillsWithin({ side, sizeBase, collarPrice }: OpenLeg, book: OrderBook): boolean {
  const orderSide = openingOrderSide(side);
  const walk = walkBook(levelsFor(book, orderSide), sizeBase);
  if (!walk.filled) return false;
  return orderSide === "buy" ? walk.worstPrice.lte(collarPrice) : walk.worstPrice.gte(collarPrice);
}

function stale(
  code: "RATE_STALE" | "BOOK_STALE" | "EQUITY_STALE" | "BORROW_STALE",
  leg: OpenLeg,
  observedAt: EpochMs,
  maxAgeMs: number,
  now: EpochMs,
): Denial | null {
  const ageMs = now - observedAt;
  const fresh = ageMs <= maxAgeMs && ageMs >= -FUTURE_TOLERANCE_MS;
  return fresh ? null : denial(code, { ...where(leg), ageMs: String(ageMs) });
}
