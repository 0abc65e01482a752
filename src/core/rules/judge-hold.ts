import { type Decimal, dec, decFromInteger, ZERO } from "#src/core/decimal.ts";
import type { ReasonFigures } from "#src/core/opportunity.ts";
import { exitOnSpread } from "./exit-rule.ts";

/** Why a held hedge is left, watched or asked about again. Closed. */
export const HOLD_REASONS = [
  ...([
    "ADVERSE_BASIS",
    "BASIS_AND_SPREAD_AGAINST",
    "SPREAD_WATCHED",
    "SPREAD_TURNED_FOR_LONG",
  ] as const),
  ...(["BORROW_ABOVE_FUNDING", "DELISTING", "TOO_OLD"] as const),
] as const;

export type HoldReason = (typeof HOLD_REASONS)[number];

/** What a held hedge asks for; `ask` is the owner's yes to keep it. */
export interface HoldVerdict {
  readonly action: "hold" | "watch" | "leave" | "ask";
  readonly reason: HoldReason | null;
  readonly figures: ReasonFigures | null;
}

export interface HeldPair {
  /** Current spread and trailing mean per 8 h in the hedge's direction; null when unknown. */
  readonly spread8h: Decimal | null;
  readonly trailing8h: Decimal | null;
  /** How far the legs' gap moved against it since its entry, of the price; null when unknown. */
  readonly adverseBasis: Decimal | null;
  /** Readings in a row, this one included, at which borrowing cost more than funding paid; else 0. */
  readonly borrowReadings: number;
  /** A venue has said that it will take a leg's instrument off its list. */
  readonly isEnding: boolean;
  /** Since it was opened, or approved again. */
  readonly ageMs: number;
}

export interface HoldLimits {
  readonly tolerance8h: Decimal;
  readonly maxAdverseBasis: Decimal;
  readonly maxAgeMs: number;
}

/** One bad reading of a floating borrow rate is no reason. */
const BORROW_READINGS = 3;

/**
 * Keep it? The first match of domain 3.5 that is about money: an adverse gap, a turned spread, a borrow that
 * funding does not pay, a delisting, age; what is only watched keeps nothing from being left. What endangers
 * the position is judged elsewhere and comes first.
 */
export function judgeHold(pair: HeldPair, limits: HoldLimits): HoldVerdict {
  const { spread8h, trailing8h, adverseBasis } = pair;
  const isWide = adverseBasis?.gt(limits.maxAdverseBasis) ?? false;
  const gap = {
    ...NO_VENUE,
    have: adverseBasis,
    need: limits.maxAdverseBasis,
    unit: "rate",
  } as const;
  if (isWide && spread8h?.lt(ZERO)) {
    return { action: "leave", reason: "BASIS_AND_SPREAD_AGAINST", figures: gap };
  }
  const onSpread = spread8h && exitOnSpread(spread8h, limits.tolerance8h, trailing8h);
  const now = { ...NO_VENUE, have: spread8h, need: limits.tolerance8h, unit: "rate8h" } as const;
  if (onSpread === "exit") {
    const figures = { ...now, have: trailing8h, need: ZERO };
    return { action: "leave", reason: "SPREAD_TURNED_FOR_LONG", figures };
  }
  if (pair.borrowReadings >= BORROW_READINGS) {
    return { action: "leave", reason: "BORROW_ABOVE_FUNDING", figures: { ...now, need: ZERO } };
  }
  if (pair.isEnding) return { action: "leave", reason: "DELISTING", figures: null };
  if (isWide) return { action: "watch", reason: "ADVERSE_BASIS", figures: gap };
  if (onSpread === "watch") return { action: "watch", reason: "SPREAD_WATCHED", figures: now };
  if (pair.ageMs <= limits.maxAgeMs) return { action: "hold", reason: null, figures: null };
  const [have, need] = [daysOf(pair.ageMs), daysOf(limits.maxAgeMs)];
  const figures = { ...NO_VENUE, have, need, unit: "days" } as const;
  return { action: "ask", reason: "TOO_OLD", figures };
}

const NO_VENUE = { venue: null } as const;

function daysOf(ms: number): Decimal {
  return decFromInteger(Math.floor(ms)).div(dec("86400000")).round(1);
}
