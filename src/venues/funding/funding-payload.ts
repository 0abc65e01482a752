import { type Decimal, decFromInteger, parseDecimal, ZERO } from "#src/core/decimal.ts";
import { parseIntervalHours } from "#src/core/interval.ts";
import type { EpochMs } from "#src/core/units.ts";
import { decimalOrNull, type Row, textOrNull } from "#src/venues/ccxt/row.ts";

/** Fields that only ccxt's unified funding structures have. */
const UNIFIED_MARKS = ["fundingTimestamp", "fundingDatetime", "interval"];

/** Milliseconds have been above this since 1973, and seconds will not be for 3,000 years. */
const LEAST_MILLIS = decFromInteger(100_000_000_000);

/**
 * What is known of one instrument's funding: `info` and the like in the venue's own words, `ccxt` as ccxt
 * reads them, `intervalHours` as joined from another call. The venue's words come first: ccxt's are floats.
 * Rows may lie in rows ("market.info.marketStats"): the nearest that has a field is taken at its word.
 */
export class FundingPayload {
  readonly #top: Row;
  readonly #raws: readonly Row[];
  readonly #unified: Row;

  constructor(payload: unknown) {
    this.#top = asRow(payload) ?? {};
    const inner = asRow(this.#top["ccxt"]);
    const topIsUnified = !inner && UNIFIED_MARKS.some((mark) => mark in this.#top);
    this.#unified = inner ?? (topIsUnified ? this.#top : {});
    const unified = [inner, topIsUnified ? this.#top : null];
    this.#raws = rowsWithin(this.#top).filter((one) => !unified.includes(one));
  }

  /** The venue's own figure, by the first of these names that has one. */
  raw(...names: readonly string[]): Decimal | null {
    return first(names, (name) => first(this.#raws, (from) => decimalOrNull(from, name)));
  }

  rawText(...names: readonly string[]): string | null {
    return first(names, (name) => first(this.#raws, (from) => textOrNull(from, name)));
  }

  /** Seconds, milliseconds or ISO text. */
  rawTime(...names: readonly string[]): EpochMs | null {
    return first(names, (name) => first(this.#raws, (from) => timeOf(textOrNull(from, name))));
  }

  unified(name: string): Decimal | null {
    return decimalOrNull(this.#unified, name);
  }

  unifiedTime(...names: readonly string[]): EpochMs | null {
    return first(names, (name) => timeOf(textOrNull(this.#unified, name)));
  }

  /** A field beside the venue's words. */
  given(name: string): Decimal | null {
    return decimalOrNull(this.#top, name);
  }

  /** What the caller joined from elsewhere, else ccxt's text ("8h", "7200000"; "0h" is none). */
  statedInterval(): Decimal | null {
    return first(this.#intervalTexts(), (text) => parseIntervalHours(text, null));
  }

  /** Also when what is stated cannot be understood. */
  statesInterval(): boolean {
    return this.#intervalTexts().length > 0;
  }

  #intervalTexts(): readonly string[] {
    const names = ["intervalHours", "fundingIntervalHours", "hint", "interval"];
    const places = [this.#top, ...this.#raws, this.#unified];
    return places.flatMap((place) => names.flatMap((name) => textOrNull(place, name) ?? []));
  }
}

function first<From, Found>(
  list: readonly From[],
  read: (one: From) => Found | null,
): Found | null {
  for (const one of list) {
    const found = read(one);
    if (found !== null) return found;
  }
  return null;
}

function timeOf(text: string | null): EpochMs | null {
  if (text === null) return null;
  const figure = parseDecimal(text);
  const stamp = figure ? figure.times(figure.lt(LEAST_MILLIS) ? "1000" : "1") : null;
  const at = stamp ? Number(stamp.round(0, 0).toFixed(0)) : Date.parse(text);
  return Number.isSafeInteger(at) && at > 0 && !figure?.lt(ZERO) ? at : null;
}

/** The row and every row in it, the nearest first. Lists are left out: they are about other instruments too. */
function rowsWithin(top: Row): readonly Row[] {
  const found = [top];
  for (const one of found) {
    found.push(
      ...Object.values(one)
        .map(asRow)
        .filter((inner) => inner !== null),
    );
  }
  return found;
}

function asRow(value: unknown): Row | null {
  const isRow = typeof value === "object" && value !== null && !Array.isArray(value);
  return isRow ? (value as Row) : null;
}
