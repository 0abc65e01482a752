const PROPOSED = /^\{"status":"(awaiting_owner|denied|unavailable)"/;
const CARD = /\b(?:card|karte|tarjeta|carte)s?\b|карточк|卡片/iu;
const WAITS =
  /\b(?:waits?|waiting|follows?|ready|below|above|tap|sent|wartet|warten|folgt|bereit|espera|attend)\b|ждёт|ждет|等/iu;
const NOT_SAID_OF_NOW =
  /\b(?:no|not|none|never|if|once|when|would|will|can|could|may|any|every|each|kein\w*|nicht|wenn|würde|kann)\b|n['’]t\b|[?？]\s*$/iu;

/** What is true of cards when the answer speaks of one that did not come; null when nothing needs saying. */
export function correctCards(
  answer: string,
  { results, facts }: { readonly results: readonly string[]; readonly facts: string },
): string | null {
  if (!CARD.test(answer)) return null;
  const ends = results.flatMap((json) => PROPOSED.exec(json)?.[1] ?? []);
  const made = ends.filter((end) => end === "awaiting_owner").length;
  if (made > 0) {
    return made < ends.length ? `(${made} of ${ends.length} cards came of this question.)` : null;
  }
  const isPromised = ends.length > 0 || (noneWaits(facts) && saysThatOneWaits(answer));
  return isPromised ? "(No card came of this question.)" : null;
}

/** As the facts said it last. */
function noneWaits(facts: string): boolean {
  return (
    facts
      .split("\n")
      .findLast((line) => line.startsWith("cards that wait"))
      ?.endsWith(": none") ?? false
  );
}

function saysThatOneWaits(answer: string): boolean {
  return answer
    .split(/(?<=[.!?。！？])\s+|\n/u)
    .some(
      (sentence) => CARD.test(sentence) && WAITS.test(sentence) && !NOT_SAID_OF_NOW.test(sentence),
    );
}
