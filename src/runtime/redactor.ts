import { mnemonicPattern, secretForms } from "./secret-forms.ts";

export type Redact = (text: string) => string;

export interface Redactor {
  /** From now on its value is cut out of everything. Null, and what is too short to be told apart, is not taken. */
  add(secret: string | null): void;
  readonly redact: Redact;
}

const MARK = "[redacted]";
/** Below this a value cannot be told from ordinary text. */
const SHORTEST_SECRET = 8;
/** From this length on a form is random enough that a piece of it is a find too: texts are cut anywhere. */
const LONG_FORM = 20;
const SHORTEST_PIECE = 12;
/** At the end of a text so much of it is enough: texts are cut to their length. */
const CUT_OFF = 0.75;
/**
 * Texts are sampled at every STRIDE-th place for a window of GRAM characters. Whatever must be found is at
 * least GRAM + STRIDE - 1 long, so that a sample always falls into it, at any number of secrets.
 */
const GRAM = 6;
const STRIDE = SHORTEST_SECRET - GRAM + 1;

// Between a name and its value stand equals signs, colons, quotes and commas, escaped any number of times.
const BETWEEN = String.raw`(?:[\s"'\\=:,[]|&quot;|&#39;|%(?:25)*(?:3[ad]|2[02c]))+`;
const NAME_STARTS = String.raw`(?:(?<![\w-])|(?<=%(?:25)*[0-9a-f]{2}))`;
const SIGNATURE = String.raw`(?:[\w-]{0,24}[-_])?sign(?:ature)?`;

/** What is secret by its shape, whoever's it is: [what to look for, what to leave of it]. */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/\d{8,10}:[\w-]{30,}/g, MARK],
  [
    new RegExp(
      String.raw`(${NAME_STARTS}${SIGNATURE}${BETWEEN})(?=[a-z+/=%._-]*\d)[\w+/=%.-]{16,}`,
      "gi",
    ),
    `$1${MARK}`,
  ],
  [new RegExp(String.raw`(signature${BETWEEN})\{[^{}]*\}`, "gi"), `$1${MARK}`],
  [
    new RegExp(String.raw`(authorization${BETWEEN})(?:(?:bearer|basic)\s+)?[\w+/=%.~-]{8,}`, "gi"),
    `$1${MARK}`,
  ],
  [/0x[0-9a-f]{130}/gi, MARK],
];

interface Form {
  readonly text: string;
  /** So many of its characters in a row are a find. */
  readonly least: number;
}

interface Place {
  readonly form: Form;
  readonly at: number;
}

/** Cuts secrets out of text by their value, in every form that they take on their way into a message. */
export function createRedactor(): Redactor {
  const places = new Map<string, Place[]>();
  const patterns: RegExp[] = [];
  const known = new Set<string>();

  function addForm(text: string): void {
    if (text.length < SHORTEST_SECRET || known.has(text)) return;
    known.add(text);
    const isLong = text.length >= LONG_FORM && !/\s/.test(text);
    const form = { text, least: isLong ? SHORTEST_PIECE : text.length };
    for (let at = 0; at + GRAM <= text.length; at += 1) {
      const gram = text.slice(at, at + GRAM);
      const others = places.get(gram);
      if (others) others.push({ form, at });
      else places.set(gram, [{ form, at }]);
    }
  }

  return {
    add(secret) {
      if (secret === null || secret.trim().length < SHORTEST_SECRET) return;
      const pattern = mnemonicPattern(secret);
      if (pattern) patterns.push(pattern);
      for (const form of secretForms(secret)) addForm(fold(form));
    },
    redact(text) {
      let safe = places.size === 0 ? text : cut(text, findSpans(fold(text), places));
      for (const pattern of patterns) safe = safe.replace(pattern, MARK);
      for (const [shape, left] of SHAPES) safe = safe.replace(shape, left);
      return safe;
    },
  };
}

type Span = readonly [from: number, to: number];

function findSpans(text: string, places: ReadonlyMap<string, readonly Place[]>): readonly Span[] {
  const spans: Span[] = [];
  for (let at = 0; at + GRAM <= text.length; at += STRIDE) {
    for (const place of places.get(text.slice(at, at + GRAM)) ?? []) {
      const span = extend(text, at, place);
      const isCutOff = span[1] === text.length && span[0] === at - place.at;
      const least = isCutOff ? Math.ceil(place.form.least * CUT_OFF) : place.form.least;
      if (span[1] - span[0] >= least) spans.push(span);
    }
  }
  return spans;
}

/** As far to both sides as the text goes on like the secret. */
function extend(text: string, at: number, { form, at: inForm }: Place): Span {
  let before = 0;
  while (before < Math.min(at, inForm) && text[at - before - 1] === form.text[inForm - before - 1])
    before += 1;
  let after = GRAM;
  while (
    inForm + after < form.text.length &&
    at + after < text.length &&
    text[at + after] === form.text[inForm + after]
  )
    after += 1;
  return [at - before, at + after];
}

function cut(text: string, spans: readonly Span[]): string {
  let safe = "";
  let done = 0;
  for (const [from, to] of spans.toSorted((a, b) => a[0] - b[0])) {
    if (to <= done) continue;
    // Spans that touch or overlap are one secret.
    safe += from > done || done === 0 ? `${text.slice(done, from)}${MARK}` : "";
    done = to;
  }
  return safe + text.slice(done);
}

/** Letters' case carries no safety: hexadecimal digits and percent signs come in both. */
function fold(text: string): string {
  const folded = text.toLowerCase();
  return folded.length === text.length
    ? folded
    : text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
