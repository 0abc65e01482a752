import { type Decimal, dec, parseDecimal } from "#src/core/decimal.ts";
import type { Row } from "#src/venues/ccxt/row.ts";

/** A hedge's two marks may drift apart by this much before somebody looks sooner than usual. */
const MOVE = dec("0.003");

/** Notices marks that moved. Nothing but a ring comes of them, so ccxt's own numbers will do. */
export class PriceMoves {
  readonly #marks = new Map<string, Decimal>();

  /** Tickers as ccxt gives them, one or many; true when one moved since it was last true for it. */
  note(answer: unknown): boolean {
    let moved = false;
    for (const { symbol, mark } of marksIn(answer)) {
      const before = this.#marks.get(symbol);
      if (before && mark.minus(before).abs().lt(before.times(MOVE))) continue;
      this.#marks.set(symbol, mark);
      if (before) moved = true;
    }
    return moved;
  }
}

function marksIn(answer: unknown): readonly { readonly symbol: string; readonly mark: Decimal }[] {
  if (typeof answer !== "object" || answer === null) return [];
  const tickers: readonly unknown[] = "symbol" in answer ? [answer] : Object.values(answer);
  return tickers.flatMap((ticker) => {
    if (typeof ticker !== "object" || ticker === null) return [];
    const { symbol, markPrice, close }: Row = { ...ticker };
    // Where ccxt drops the mark, the middle of the book moves with it.
    const mark = parseDecimal(String(markPrice ?? close));
    return typeof symbol === "string" && mark?.gt("0") ? [{ symbol, mark }] : [];
  });
}
