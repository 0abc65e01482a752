import { type Decimal, dec, decFromInteger, parseDecimal } from "#src/core/decimal.ts";
import { type Figure, readFigures, type Unit } from "./read-figures.ts";
import { takeTimes } from "./read-times.ts";

/** What an answer may take its figures from. */
export interface FigureSources {
  /** The JSON of this turn's tool results. */
  readonly results: readonly string[];
  readonly facts: string;
  readonly question: string;
}

type Kind = "rate" | "usd" | "hours" | "count" | "any";

interface Known {
  readonly value: Decimal;
  readonly kind: Kind;
  /** Costs are written with either sign, and so is what stood without one. */
  readonly anySign: boolean;
}

/** Everybody says these: intervals, look-backs, the horizon, a year, the life of a card. */
const COMMON: Readonly<Partial<Record<Unit, readonly string[]>>> = {
  hours: ["1", "4", "8", "24"],
  days: ["1", "7", "14", "21", "30", "365"],
  minutes: ["1", "2", "10", "30"],
  seconds: ["60", "120"],
  percent: ["100"],
};
/** No rounding is an excuse for more than this. */
const LARGEST_ERROR = dec("0.05");
const HALF_UP = 1;
const HALF_EVEN = 2;

/** The figures and times of an answer that stand in none of its sources, as they were written. */
export function findForeignFigures(answer: string, sources: FigureSources): readonly string[] {
  const { known, longestList } = knownFigures(sources);
  const everything = [...sources.results, sources.facts, sources.question].join("\n");
  const { rest, unknown } = takeTimes(answer, everything);
  const lookUp = createLookUp(known);
  const foreign = readFigures(rest)
    .filter((figure) => !isCommon(figure, longestList) && !lookUp(figure))
    .map(({ text }) => text);
  return [...new Set([...foreign, ...unknown])];
}

function isCommon({ readings, unit }: Figure, longestList: number): boolean {
  return readings.some(({ value, places }) => {
    if (value.eq("0")) return true;
    if (places > 0) return false;
    // A count of what was listed; two legs, four fills.
    if (unit === "none" && value.lte(decFromInteger(Math.max(4, longestList)))) return true;
    return COMMON[unit]?.includes(value.toFixed()) ?? false;
  });
}

/** By unit and places, everything that is known as it would be written: a figure is then one look. */
function createLookUp(known: readonly Known[]): (figure: Figure) => boolean {
  const written = new Map<string, ReadonlySet<string>>();
  function asWritten(unit: Unit, places: number): ReadonlySet<string> {
    const key = `${unit} ${places}`;
    const made = written.get(key) ?? new Set(known.flatMap((one) => write(one, unit, places)));
    written.set(key, made);
    return made;
  }
  return ({ readings, unit, sign, isAbout }) =>
    readings.some(({ value, places }) => {
      const text = value.toFixed();
      const exact = isAbout ? Math.min(places, -trailingZeros(text)) : places;
      return asWritten(unit, exact).has(`${sign ?? ""}${dec(text).toFixed()}`);
    });
}

/** A known value in a unit, rounded: alone and with the signs that it may be written with. */
function write({ value, kind, anySign }: Known, unit: Unit, places: number): string[] {
  const size = value.abs();
  return inUnit(size, kind, unit).flatMap((exact) =>
    [HALF_UP, HALF_EVEN].flatMap((mode) => {
      const shown = exact.round(places, mode as 1 | 2);
      if (shown.minus(exact).abs().gt(exact.times(LARGEST_ERROR)) && places <= 0) return [];
      const text = shown.toFixed();
      const signs = anySign ? ["+", "-"] : [value.lt("0") ? "-" : "+"];
      return [text, ...signs.map((sign) => `${sign}${text}`)];
    }),
  );
}

/** Fractions are written as percent or basis points, hours as days or minutes; other units never mix. */
function inUnit(value: Decimal, kind: Kind, unit: Unit): readonly Decimal[] {
  const rates = { percent: "100", bp: "10000" } as const;
  const hours = { hours: "1", minutes: "60", seconds: "3600", ms: "3600000" } as const;
  const isRate = kind === "rate" || kind === "any";
  const isTime = kind === "hours" || kind === "any";
  if (unit === "percent" || unit === "bp") return isRate ? [value.times(rates[unit])] : [];
  if (unit === "days") return isTime ? [value.div("24")] : [];
  if (unit === "usd") return ["usd", "count", "any"].includes(kind) ? [value] : [];
  if (unit === "times") return kind === "count" || kind === "any" ? [value] : [];
  if (unit !== "none") return isTime ? [value.times(hours[unit])] : [];
  if (kind === "rate") return [value, value.times("100"), value.times("10000")];
  if (kind === "hours") return [value, value.div("24"), value.times("60")];
  return [value];
}

function knownFigures({ results, facts, question }: FigureSources) {
  const known: Known[] = [];
  let longestList = 0;
  function walk(value: unknown, field: string): void {
    if (Array.isArray(value)) {
      longestList = Math.max(longestList, value.length);
      for (const one of value) walk(one, field);
    } else if (typeof value === "object" && value !== null) {
      for (const [name, one] of Object.entries(value)) walk(one, name);
    } else if (typeof value === "number" || typeof value === "string") {
      const number = parseDecimal(String(value));
      if (number) known.push(fieldFigure(number, field));
      else for (const figure of readFigures(String(value))) known.push(...textFigure(figure));
    }
  }
  for (const result of results) walk(parse(result), "");
  for (const text of [facts, question]) {
    for (const figure of readFigures(text)) known.push(...textFigure(figure));
  }
  return { known, longestList };
}

/** What a field holds is said by its name. */
function fieldFigure(value: Decimal, field: string): Known {
  const anySign = /fee|cost|slip/i.test(field);
  const known = (kind: Kind, by = "1") => ({ kind, anySign, value: value.div(by) });
  if (/microUsd$/i.test(field)) return known("usd", "1000000");
  if (/usd$/i.test(field)) return known("usd");
  if (/hours?$/i.test(field)) return known("hours");
  if (/minutes/i.test(field)) return known("hours", "60");
  if (/seconds$/i.test(field)) return known("hours", "3600");
  if (/ms$/i.test(field)) return known("hours", "3600000");
  if (/price|base$|count|per(?:Day|Asset)|today|rsi/i.test(field)) return known("count");
  if (/rate|apr|spread|ratio|share|basis|distance|drift|gap|histogram|persist/i.test(field)) {
    return known("rate");
  }
  return known("any");
}

function textFigure({ readings, unit, sign }: Figure): readonly Known[] {
  const by: Partial<Record<Unit, readonly [Kind, string]>> = {
    percent: ["rate", "100"],
    bp: ["rate", "10000"],
    usd: ["usd", "1"],
    hours: ["hours", "1"],
    minutes: ["hours", "60"],
    seconds: ["hours", "3600"],
    ms: ["hours", "3600000"],
    times: ["count", "1"],
  };
  return readings.map(({ value }) => {
    const signed = sign === "-" ? value.neg() : value;
    if (unit === "days") return { value: signed.times("24"), kind: "hours", anySign: true };
    const [kind, divisor] = by[unit] ?? (["any", "1"] as const);
    return { value: signed.div(divisor), kind, anySign: sign === null };
  });
}

function trailingZeros(text: string): number {
  return text.includes(".") ? 0 : (/[1-9](0+)$/.exec(text)?.[1]?.length ?? 0);
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
