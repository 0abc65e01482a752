import type { Decimal } from "#src/core/decimal.ts";
import {
  CLOSE_SLOTS,
  type CloseRow,
  type DecisionTable,
  OPEN_SLOTS,
  type OpenRow,
} from "#src/core/decision.ts";

export type OpenCandidate = Omit<OpenRow, "slot">;
export type CloseCandidate = Omit<CloseRow, "slot">;

/**
 * Slots in an order that says nothing of worth: by asset, then venues. When there are more candidates than
 * slots, those to open that pay best are kept, and of those to close first what has turned and then what pays
 * least. The same candidates in any order get the same slots.
 */
export function assignSlots(
  opens: readonly OpenCandidate[],
  closes: readonly CloseCandidate[],
): Pick<DecisionTable, "opens" | "closes"> {
  const bestOpens = [...opens].sort(byPay).slice(0, OPEN_SLOTS.length).sort(byOpenName);
  const firstCloses = [...closes].sort(byNeed).slice(0, CLOSE_SLOTS.length).sort(byCloseName);
  return {
    opens: OPEN_SLOTS.flatMap((slot, index) => {
      const row = bestOpens[index];
      return row ? { ...row, slot } : [];
    }),
    closes: CLOSE_SLOTS.flatMap((slot, index) => {
      const row = firstCloses[index];
      return row ? { ...row, slot } : [];
    }),
  };
}

function byPay(a: OpenCandidate, b: OpenCandidate): number {
  return -byNumber(a.netAprOnCapital, b.netAprOnCapital) || byOpenName(a, b);
}

function byNeed(a: CloseCandidate, b: CloseCandidate): number {
  const turned = Number(b.hasTurned) - Number(a.hasTurned);
  return turned || byNumber(a.spread8h, b.spread8h) || byCloseName(a, b);
}

function byOpenName(a: OpenCandidate, b: OpenCandidate): number {
  return byTexts(openNames(a), openNames(b));
}

function byCloseName(a: CloseCandidate, b: CloseCandidate): number {
  return byTexts(closeNames(a), closeNames(b));
}

function openNames(row: OpenCandidate): readonly string[] {
  const { asset, shortVenue, longVenue, shortSymbol, longSymbol, opportunityId } = row;
  return [asset, shortVenue, longVenue, shortSymbol, longSymbol, opportunityId];
}

function closeNames({ asset, shortVenue, longVenue, hedgeId }: CloseCandidate): readonly string[] {
  return [asset, shortVenue, longVenue, hedgeId];
}

/** What is unknown counts as least. */
function byNumber(a: Decimal | null, b: Decimal | null): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  return a.cmp(b);
}

/** By code units: the same on every machine. */
function byTexts(a: readonly string[], b: readonly string[]): number {
  for (const [index, text] of a.entries()) {
    const other = b[index] ?? "";
    if (text !== other) return text < other ? -1 : 1;
  }
  return 0;
}
