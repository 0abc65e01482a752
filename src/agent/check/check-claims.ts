import { CLAIM_WORDS, type ClaimWords } from "./claim-words.ts";

/** What is known of the world when an answer is checked. */
export interface ClaimFacts {
  /** Assets of hedges that are open now. */
  readonly openAssets: readonly string[];
  readonly results: readonly string[];
  readonly facts: string;
  readonly question: string;
}

const SENTENCE = /[^.!?。！？\n;；]+(?:[.!?。！？](?=\d)[^.!?。！？\n;；]+)*[.!?。！？]*/gu;
const CLAUSE =
  /,|，|、|\s[—–-]\s|[:：]|\s(?:but|and|so|aber|und|pero|y|mais|et|но|а)\s|但|(?<=\p{L})\s—/u;
const SHORT_START = 3;
/** "已下单" is one. */
const SHORTEST_CLAIM = 3;
/** So much of a sentence says whether what follows is meant; its beginning is long forgotten. */
const LONGEST_BEFORE = 300;
/** Words in capitals that name no asset. */
const NOT_ASSETS = new Set(
  "I A OK USD USDT USDC UTC APR BP BPS PNL ISO API ID LLM MCP HOLD NOT NO YES AND OR IF ALL ATR RSI EMA MACD DONE KILL".split(
    " ",
  ),
);
const CLOSING =
  /clos|exit|unw|flat|kill|liquidat|geschl|aufgel|glatt|cerr|cerré|fermé|clôtur|закры|平|关/i;
const BEING_OPEN = /\b(?:open|live|active|long|short|hedged)\b|offen|abiert|ouvert|открыт|打开/i;
const CANCELLING = /cancel|annul|storn|отмен|取消|撤销/i;
const LONG_AGO =
  /\b(?:yesterday|ago|last (?:week|month|night|time)|earlier|previously|on \d|\d{4}-\d\d-\d\d|since)\b|gestern|vor \d|ayer|hace \d|hier|il y a|вчера|назад|昨天/i;

/** Does the answer say that something happened which neither this turn nor the facts know of? */
export function claimsTrade(answer: string, facts: ClaimFacts): boolean {
  return makesFalseClaim(answer, CLAIM_WORDS, facts);
}

const MOVE_WORDS = CLAIM_WORDS.map((one) => ({ ...one, events: one.moved, states: [] }));
const NO_FACTS = { openAssets: [], results: [], facts: "", question: "" };

/** Does it say that money was sent, deposited or withdrawn? Nothing here can do that. */
export function claimsTransfer(answer: string): boolean {
  return makesFalseClaim(answer, MOVE_WORDS, NO_FACTS);
}

function makesFalseClaim(
  answer: string,
  languages: readonly ClaimWords[],
  facts: ClaimFacts,
): boolean {
  const plain = answer
    .replace(/[*_`~]/g, "")
    .replace(/’/g, "'")
    .replace(/(?<=\d),(?=\d{3}(?!\d))/g, "");
  let named = assetsIn(facts.question);
  for (const [sentence] of plain.matchAll(SENTENCE)) {
    const own = assetsIn(sentence);
    if (own.length > 0) named = own;
    if (/[?？]\s*$/.test(sentence)) continue;
    const known = [...new Set(named)];
    if (languages.some((language) => isFalse(sentence, language, known, facts))) return true;
  }
  return false;
}

function isFalse(
  sentence: string,
  language: ClaimWords,
  named: readonly string[],
  facts: ClaimFacts,
): boolean {
  const { events, states, negated, notYet } = language;
  let before = "";
  for (const clause of sentence.split(CLAUSE)) {
    const text = clause.trim();
    if (text.length < SHORTEST_CLAIM) continue;
    // What stands alone ("Closed.") says so only where nothing but a word or two was said before.
    const isStart = before.trim().split(/\s+/).length <= SHORT_START;
    const event = events.find(
      (pattern) => (isStart || !pattern.source.startsWith("^")) && pattern.test(text),
    );
    const state = event ?? states.find((pattern) => pattern.test(text));
    const said = state?.exec(text);
    if (said && !negated.test(text)) {
      const upTo = `${before} ${text.slice(0, said.index + said[0].length)}`;
      const isSoft = notYet.test(upTo) || notYet.test(text);
      if (!isSoft && !(event ? isOldNews(text, named, facts) : isSo(text, named, facts)))
        return true;
    }
    before = `${before} ${text}`.slice(-LONGEST_BEFORE);
  }
  return false;
}

/** A state that the facts show, or something past that the books know. */
function isSo(clause: string, named: readonly string[], facts: ClaimFacts): boolean {
  if (/mandate|armed|mandat/i.test(clause))
    return /"mandate":\{|mandate (?:is )?armed/i.test(told(facts));
  if (/\btrading is (?:now )?active$/i.test(clause)) return true;
  if (/\btrading\b|resum/i.test(clause))
    return /"tradingState":"active"|trading[^.\n]*active/i.test(told(facts));
  if (CANCELLING.test(clause)) return false;
  if (isOldNews(clause, named, facts)) return true;
  if (CLOSING.test(clause)) {
    const isEvent = /\b(?:was|were|been|got|wurden?|worden|fue|fueron|ha|han|été)\b/i.test(clause);
    return named.length === 0 && facts.openAssets.length === 0 && !isEvent;
  }
  if (named.length > 0) return named.every((asset) => facts.openAssets.includes(asset));
  return facts.openAssets.length > 0 && BEING_OPEN.test(clause);
}

/** "It was closed yesterday", when the books have a closed hedge of it. */
function isOldNews(clause: string, named: readonly string[], facts: ClaimFacts): boolean {
  if (/^(?:i|we|ich|wir)\b/i.test(clause)) return false;
  const wanted = CLOSING.test(clause) ? "closed" : "open";
  const [asset = ""] = named;
  const there = new RegExp(`"asset":"${asset || "[A-Z0-9]+"}","phase":"${wanted}"`);
  return LONG_AGO.test(clause) && (there.test(told(facts)) || facts.facts.includes(` ${asset}`));
}

function told({ results, facts }: ClaimFacts): string {
  return [...results, facts].join("\n");
}

function assetsIn(text: string): readonly string[] {
  const found = [...text.matchAll(/(?<![\p{L}\p{N}])[A-Z][A-Z0-9]{1,9}(?![\p{L}\p{N}])/gu)];
  return found.map(([word]) => word).filter((word) => !NOT_ASSETS.has(word));
}
