import { type Decimal, dec, maxOf } from "#src/core/decimal.ts";
import type { CloseRow, DecisionTable, OpenRow } from "#src/core/decision.ts";

/** How far a figure may drift before the question is a new one: the larger of both counts. */
interface Drift {
  readonly most: Decimal;
  /** Of what it was. */
  readonly share: Decimal;
}

const SPREAD: Drift = { most: dec("0.0001"), share: dec("0.25") };
const TRAILING: Drift = { most: dec("0.00003"), share: dec("0.15") };
const NET_APR: Drift = { most: dec("0.03"), share: dec("0.15") };
const RSI: Drift = { most: dec("10"), share: dec("0") };
const PERSISTENCE: Drift = { most: dec("0.1"), share: dec("0") };

/** Do two tables differ by noise only? The same places must stand for the same things. Pure. */
export function isSameQuestion(before: DecisionTable, now: DecisionTable): boolean {
  return (
    before.mostUsd.eq(now.mostUsd) &&
    before.opens.length === now.opens.length &&
    before.closes.length === now.closes.length &&
    now.opens.every((row, at) => isSameOpen(before.opens[at], row)) &&
    now.closes.every((row, at) => isSameClose(before.closes[at], row))
  );
}

function isSameOpen(before: OpenRow | undefined, now: OpenRow): boolean {
  return (
    before !== undefined &&
    namesOf(before) === namesOf(now) &&
    isNear(before.spread8h, now.spread8h, SPREAD) &&
    isNear(before.trailingSpread8h, now.trailingSpread8h, TRAILING) &&
    isNear(before.netAprOnCapital, now.netAprOnCapital, NET_APR) &&
    isNear(before.evidence.rsi14, now.evidence.rsi14, RSI) &&
    isNear(before.evidence.persistence, now.evidence.persistence, PERSISTENCE)
  );
}

function isSameClose(before: CloseRow | undefined, now: CloseRow): boolean {
  return (
    before?.slot === now.slot &&
    before.hedgeId === now.hedgeId &&
    before.hasTurned === now.hasTurned &&
    isNear(before.spread8h, now.spread8h, SPREAD) &&
    isNear(before.trailingSpread8h, now.trailingSpread8h, TRAILING)
  );
}

/** A change of sign is never noise, and neither is what became known or unknown. */
function isNear(before: Decimal | null, now: Decimal | null, { most, share }: Drift): boolean {
  if (before === null || now === null) return before === now;
  if (before.lt("0") !== now.lt("0")) return false;
  return now
    .minus(before)
    .abs()
    .lte(maxOf(most, before.abs().times(share)));
}

function namesOf(row: OpenRow): string {
  return [
    row.slot,
    row.asset,
    row.shortVenue,
    row.shortSymbol,
    row.longVenue,
    row.longSymbol,
  ].join();
}
