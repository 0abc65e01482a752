import { type Fixed, fixed, larger, smaller, timesFixed } from "./fixed.ts";

/*
 * The judge's own rules for coins beside a perp: what may be paired, what may be borrowed, what a balance that
 * backs both legs must hold.
 */

/** What a venue said of lending an asset. */
export interface Loan {
  readonly perHourText: string;
  /** Null: it did not say. */
  readonly mostText: string | null;
  readonly ageMs: number;
}

interface Leg {
  readonly venue: string;
  readonly symbol: string;
  readonly side: "long" | "short";
}

/** 1 % an hour: nobody lends for more, so it is a mistake. */
const DEAREST = fixed("0.01");
const LOAN_LIFE_MS = 60_000;
const AHEAD_MS = 1_000;
/** What a venue takes at the least. */
const LEAST_ORDER = fixed("5");
const ONE = fixed("1");
/** A loan may have grown by so much, in hundredths, before anybody looked. */
const MOST_GROWN = 103n;

export function isCoins({ symbol }: Pick<Leg, "symbol">): boolean {
  return symbol.endsWith("-SPOT");
}

/** Perps of two venues, or coins beside a perp of their own venue: nothing else is a hedge. */
export function pairFault(a: Leg, b: Leg): string | null {
  const coins = [a, b].filter(isCoins).length;
  if (a.venue === b.venue) return coins === 1 ? null : "SAME_VENUE";
  return coins === 0 ? null : "SPOT_ELSEWHERE";
}

/** Why nobody may sell coins that he has not on these words; null when one of them is good enough. */
export function loanFault(loans: readonly (Loan | null)[], sizeBase: Fixed): string | null {
  const known = loans.filter((one) => one !== null).filter(isBelievable);
  if (known.length === 0) return "BORROW_UNKNOWN";
  const fresh = known.filter(({ ageMs }) => ageMs <= LOAN_LIFE_MS && ageMs >= -AHEAD_MS);
  if (fresh.length === 0) return "BORROW_STALE";
  const isEnough = ({ mostText }: Loan) => mostText === null || fixed(mostText) >= sizeBase;
  return fresh.some(isEnough) ? null : "BORROW_INSUFFICIENT";
}

function isBelievable({ perHourText }: Loan): boolean {
  const perHour = fixed(perHourText);
  return perHour >= 0n && perHour <= DEAREST;
}

/** Was it, at some moment, to be had for what the card said (negative: a cost), or a fifth more? */
export function isAsShown(loans: readonly (Loan | null)[], paysText: string): boolean {
  const most = timesFixed(-fixed(paysText), fixed("1.2001"));
  return loans.some((one) => one !== null && fixed(one.perHourText) <= most);
}

/** Does what the perp's long is paid an hour leave something beyond `safety` times the interest? */
export function paysLoan(
  rates: readonly string[],
  loans: readonly (Loan | null)[],
  safety: Fixed,
): boolean {
  return rates.some((paid) =>
    loans.some((one) => one && -fixed(paid) > timesFixed(fixed(one.perHourText), safety)),
  );
}

/** What an opening takes from a balance, in ten-thousandths of a leg's notional: coins all, perps a margin. */
export function takenShare(legs: readonly Leg[], maxLeverage: number): bigint {
  const shares = legs.map((leg) => (isCoins(leg) ? 10_000n : 10_000n / BigInt(maxLeverage)));
  return shares.reduce((sum, one) => sum + one, 0n);
}

/**
 * The least that must stand behind a leg, in ten-thousandths of its notional, so that a fifth of the price lies
 * between it and liquidation, and what the leg beside it keeps for itself; coins that are paid for: nothing.
 */
export function backingShare(leg: Leg, beside: Leg | undefined): bigint {
  if (isCoins(leg) && leg.side === "long") return 0n;
  const kept = maintenanceOf(leg);
  const own = kept + ((leg.side === "short" ? 10_000n + kept : 10_000n - kept) * 1_999n) / 10_000n;
  if (!beside) return own;
  return own + (isCoins(beside) && beside.side === "long" ? 9_990n : maintenanceOf(beside) - 1n);
}

function maintenanceOf(leg: Leg): bigint {
  return isCoins(leg) ? 1_000n : 100n;
}

/** Coins of less than the smallest order are nobody's position. */
export function isRemainder(sizeBase: Fixed, price: Fixed, lotBase: Fixed): boolean {
  const size = sizeBase < 0n ? -sizeBase : sizeBase;
  const lots = (LEAST_ORDER * ONE + price * lotBase - 1n) / (price * lotBase);
  return size < larger(lotBase, lots * lotBase);
}

/**
 * The most that an order to close may take: of coins what we bought and did not sell again, of a debt what we
 * owe. No venue knows reduce-only on spot: whatever goes beyond is the owner's.
 */
export function closableCoins(
  side: "buy" | "sell",
  ownBase: Fixed,
  toldBase: readonly Fixed[],
): Fixed {
  if (side === "sell") return ownBase > 0n ? ownBase : 0n;
  const owed = ownBase < 0n ? -ownBase : 0n;
  const most = (owed * MOST_GROWN) / 100n;
  return smaller(most, toldBase.map((one) => -one).reduce(larger, owed));
}
