import { type Decimal, dec } from "#src/core/decimal.ts";

export const UNITS = [
  ...(["percent", "bp", "usd", "ms", "seconds", "minutes", "hours", "days", "times"] as const),
  /** No unit, or the name of an asset. */
  "none",
] as const;
export type Unit = (typeof UNITS)[number];

/** A number as somebody wrote it. */
export interface Figure {
  /** As it stands in the text, with its unit. */
  readonly text: string;
  /** Without its sign; two when "1.234" may be either. */
  readonly readings: readonly { readonly value: Decimal; readonly places: number }[];
  readonly sign: "+" | "-" | null;
  readonly unit: Unit;
  /** "About", "~": the last zeros were rounded away. */
  readonly isAbout: boolean;
}

// In the languages that owners write in; the longer word of two that begin alike stands first.
const UNIT_WORDS: readonly (readonly [Unit, string])[] = [
  ["percent", "%|percent|per cent|pct|prozent|por ciento|pour cent|процент\\p{L}*"],
  ["bp", "bps?|basis points?|basispunkten?|puntos básicos|points? de base|б\\.?п\\.?|个?基点"],
  ["usd", "usd[tc]?|us dollars?|dollars?|dólares|доллар\\p{L}*|美元|\\$"],
  ["ms", "ms|milliseconds?"],
  ["hours", "hours?|hrs?|h|stunden?|std|horas?|heures?|час\\p{L}*|ч|个?小时"],
  ["days", "days?|d|tagen?|tage|días?|jours?|дн\\p{L}*|день|天"],
  ["minutes", "minutes?|minuten|minutos?|mins?|m|минут\\p{L}*|мин|分钟"],
  ["seconds", "seconds?|secs?|s|sekunden?|segundos?|secondes?|секунд\\p{L}*|秒"],
  ["times", "x|×|times"],
];
const UNIT = UNIT_WORDS.map(([unit, words]) => `(?<${unit}>${words})`).join("|");
const DIGITS = "\\d{1,3}(?:[ ']\\d{3})+(?:[.,]\\d+)?(?!\\d)|\\d+(?:[.,]\\d+)*";
const NUMBER = new RegExp(
  "(?<about>(?:~|≈|about|around|roughly|nearly|almost|over|approx\\.?|etwa|rund|unos|environ|около|约)\\s*)?" +
    `(?<![\\p{L}\\p{N}_.,])(?<!\\p{L}-(?:[\\d.]+-)*)(?<sign>(?<![\\p{N}%)])[-+])?(?<dollar>\\$)?(?<digits>${DIGITS})` +
    `(?<exponent>e[-+]?\\d{1,2})?(?<scale>[kK]|M|m(?<=\\$[^ ]*)| (?:thousand|million))?(?:[ -]?(?:${UNIT}))?(?![\\p{L}\\p{N}])`,
  "giu",
);
const HAN_NUMBER_END = /(\p{Script=Han})/gu;

/** Every number of a text that says how much; ordinals, list numbers and numbers within names do not. */
export function readFigures(text: string): readonly Figure[] {
  const plain = text
    .replace(/[*`]/g, "")
    .replace(/[\u2212\uFF0D]/g, "-")
    .replace(/[\u00a0\u202f\u2009]/g, " ")
    .replace(/^\s*\d{1,2}[.)]\s/gm, " ")
    .replace(/\b(?:\d{1,2}(?:st|nd|rd|th)|24\/7)\b/g, " ")
    .replace(HAN_NUMBER_END, (han) => (/[个基点美元小时天分钟秒]/.test(han) ? han : ` ${han} `));
  return [...plain.matchAll(NUMBER)].map(figureOf);
}

/** No figure of ours is longer; working with longer ones takes time. */
const LONGEST = 24;

function figureOf(match: RegExpMatchArray): Figure {
  const { about, sign, dollar, digits = "", exponent = "e0", scale } = match.groups ?? {};
  const named = UNITS.find((unit) => match.groups?.[unit] !== undefined);
  const thousands = scale === undefined ? 0 : /^(?:k|\s?thousand)$/i.test(scale) ? 3 : 6;
  const power = thousands + Number(exponent.slice(1));
  return {
    text: match[0]
      .slice(about?.length ?? 0)
      .trim()
      .slice(0, 2 * LONGEST),
    readings: (digits.length > LONGEST ? [] : readingsOf(digits.replace(/[ ']/g, ""))).map(
      (plain) => ({
        value: dec(plain).times(dec("10").pow(power)),
        places: (plain.split(".")[1]?.length ?? 0) - power,
      }),
    ),
    sign: sign === "+" || sign === "-" ? sign : null,
    unit: dollar ? "usd" : (named ?? "none"),
    isAbout: about !== undefined,
  };
}

/** "1,234.5", "1.234,5", "12,4": which separator is which is known by where it stands, or both are tried. */
function readingsOf(digits: string): readonly string[] {
  const separators = digits.replace(/\d/g, "");
  const last = separators.at(-1);
  if (last === undefined) return [digits];
  const whole = digits.replace(/[.,]/g, "");
  const asDecimal = () => {
    const at = digits.lastIndexOf(last);
    return `${digits.slice(0, at).replace(/[.,]/g, "")}.${digits.slice(at + 1)}`;
  };
  if (separators.length > 1) return new Set(separators).size > 1 ? [asDecimal()] : [whole];
  return /^[1-9]\d{0,2}[.,]\d{3}$/.test(digits) ? [asDecimal(), whole] : [asDecimal()];
}
