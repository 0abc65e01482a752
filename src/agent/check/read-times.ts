const ISO = /(\d{4})-(\d\d)-(\d\d)[T ](\d\d:\d\d)(?::\d\d(?:\.\d+)?)?Z?/g;
const MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");
const MONTH = `(?:${MONTHS.join("|")})[a-z]*\\.?`;
const WRITTEN = new RegExp(
  [
    "\\d{4}-\\d\\d-\\d\\d(?:[T ]\\d\\d:\\d\\d(?::\\d\\d)?Z?)?",
    "\\b\\d\\d-\\d\\d \\d\\d:\\d\\d",
    `\\b\\d{1,2}(?:st|nd|rd|th|\\.)? ${MONTH}(?: \\d{4})?`,
    `\\b${MONTH} \\d{1,2}(?:st|nd|rd|th)?(?:,? \\d{4})?\\b`,
    "\\b\\d{1,2}:\\d\\d(?::\\d\\d)?\\b",
  ].join("|"),
  "gi",
);

/** Takes dates and times out of an answer: what is left of it, and those that no source has. */
export function takeTimes(
  answer: string,
  sources: string,
): { readonly rest: string; readonly unknown: readonly string[] } {
  const known = knownTimes(sources);
  const unknown: string[] = [];
  const rest = answer.replace(WRITTEN, (text) => {
    const parts = partsOf(text);
    if (!parts.every((part) => known.has(part))) unknown.push(text);
    return " ";
  });
  return { rest, unknown };
}

/** "2026", "02-03" and "08:00" of every time in the sources, and the times that stand alone there. */
function knownTimes(sources: string): ReadonlySet<string> {
  const known = new Set<string>();
  for (const [, year = "", month, day, clock = ""] of sources.matchAll(ISO)) {
    for (const part of [year, `${month}-${day}`, clock]) known.add(part);
  }
  for (const [text] of sources.matchAll(WRITTEN)) for (const part of partsOf(text)) known.add(part);
  return known;
}

function partsOf(text: string): readonly string[] {
  const parts: string[] = [];
  const clock = /(\d{1,2}):(\d\d)/.exec(text);
  if (clock) parts.push(`${clock[1]?.padStart(2, "0")}:${clock[2]}`);
  const numbers = /(?:\d{4}-)?(\d\d)-(\d\d)/.exec(text);
  if (numbers) parts.push(`${numbers[1]}-${numbers[2]}`);
  const month = MONTHS.findIndex((name) => new RegExp(`\\b${name}`, "i").test(text)) + 1;
  const day = /\b(\d{1,2})(?!\d|:)/.exec(text)?.[1];
  if (month > 0 && day) parts.push(`${pad(month)}-${pad(Number(day))}`);
  return parts;
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}
