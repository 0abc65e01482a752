import type { DecisionGate } from "#src/core/decision.ts";
import { shortVenue } from "#src/core/words/plain-name.ts";
import type { ChoiceView, PickView } from "./choice-view.ts";

const GATES: Readonly<Record<DecisionGate, string>> = {
  LOOK_TOO_OLD: "the answers came too late after the look at the market",
  STOPPED_MEANWHILE: "trading was stopped while the models were asked",
  VOTE_MISSING: "not every model gave a vote that counts; a missing one is HOLD",
  NO_VALID_VOTE: "no model gave a vote that counts",
  NO_QUORUM: "no two models agreed",
  TIE: "the votes were tied",
  MIN_HOLD: "the hedge is too young to be closed on a model's word",
  CLOSE_CARD_LATELY: "a card to close it was shown lately",
  RULES_CLOSE_IT: "the rules are leaving it already",
  CARDS_ONLY: "without a model the rules only propose",
  OPENS_WITHOUT_MODEL: "the rules may open without a model",
};

export function gateSentence(gate: DecisionGate): string {
  return GATES[gate];
}

/** "open BTC", "hold". */
export function pickWords(pick: PickView | null): string {
  if (!pick) return "cut short";
  return pick.asset ? `${pick.action} ${pick.asset}` : pick.action;
}

/** "open BTC (short binance, long okx)". */
export function pickSentence(pick: PickView | null): string {
  const venues =
    pick?.shortVenue && pick.longVenue
      ? ` (${pairWords(shortVenue(pick.shortVenue), shortVenue(pick.longVenue))})`
      : "";
  return `${pickWords(pick)}${venues}`;
}

/** Of the longest horizon that is known; null before the first. */
export function latestOutcome(view: ChoiceView): ChoiceView["outcomes"][number] | null {
  return view.outcomes.filter((one) => one.netRate !== null).at(-1) ?? null;
}

function pairWords(short: string, long: string): string {
  return short === long ? `spot and perp of ${short}` : `short ${short}, long ${long}`;
}
