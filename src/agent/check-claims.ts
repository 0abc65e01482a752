const CLAIM =
  /\b(i(?:'ve| have)?|we(?:'ve| have)?|hedge (?:was|is now|has been)|position (?:was|has been)|order (?:was|has been))\s+(?:just\s+|now\s+)?(opened|closed|executed|filled|bought|sold|approved)\b/i;

/**
 * A model never trades, so an answer that says it did is wrong. Such an answer is marked, not swallowed:
 * the owner sees the words and the truth beside them.
 */
export function checkClaims(answer: string): string {
  if (!CLAIM.test(answer)) return answer;
  return `${answer}\n\n(This answer traded nothing. Cards and /hedges show what really happened.)`;
}
