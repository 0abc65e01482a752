import { correctCards } from "./check-cards.ts";
import { claimsTrade, claimsTransfer } from "./check-claims.ts";
import { findForeignFigures } from "./check-figures.ts";

/** Most figures that are named beneath an answer. */
const NAMED = 5;
const NO_TRADE = "(This answer traded nothing. Cards and /hedges show what really happened.)";
const NO_MONEY = "(No money was moved: I cannot send, deposit or withdraw any.)";

/**
 * A model never trades and knows no figure of its own. An answer that says otherwise is marked, not swallowed:
 * the owner sees the words and the truth beside them.
 */
export function checkAnswer(input: {
  readonly answer: string;
  /** The JSON of this turn's tool results. */
  readonly results: readonly string[];
  readonly facts: string;
  readonly question: string;
  /** Has an order filled, or a card been tapped, since the turn began? */
  readonly executedSince: boolean;
  readonly openAssets: readonly string[];
}): string {
  const { answer, executedSince } = input;
  const notes: string[] = [];
  if (claimsTransfer(answer)) notes.push(NO_MONEY);
  if (!executedSince && claimsTrade(answer, input)) notes.push(NO_TRADE);
  const cards = correctCards(answer, input);
  if (cards) notes.push(cards);
  const foreign = findForeignFigures(answer, input);
  if (foreign.length > 0) {
    const more = foreign.length > NAMED ? ` and ${foreign.length - NAMED} more` : "";
    const named = foreign.slice(0, NAMED).join(", ");
    notes.push(`(Not from this turn's data: ${named}${more}.)`);
  }
  return notes.length === 0 ? answer : [answer, ...notes].join("\n\n");
}
