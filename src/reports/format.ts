import { type Decimal, dec, parseDecimal } from "#src/core/decimal.ts";
import { isSpotSymbol } from "#src/core/instrument.ts";
import { shortVenue } from "#src/core/words/plain-name.ts";
import { writeNumber } from "#src/core/words/write-number.ts";

/** What people read. A figure that is missing is "unknown", never 0. */
export const UNKNOWN = "unknown";

type Figure = string | Decimal | null;

/** "+12.34 USD": two places, more below ten cents, always with a sign when asked. */
export function formatUsd(value: Figure, signed = false): string {
  const number = read(value);
  if (!number) return UNKNOWN;
  const places = number.abs().lt("0.1") && !number.eq("0") ? 4 : 2;
  // What rounds to nothing has no sign.
  const shown = number.round(places);
  const sign = shown.lt("0") ? "−" : signed && shown.gt("0") ? "+" : "";
  return `${sign}${writeNumber(shown.abs().toFixed(places))} USD`;
}

/** A fraction as basis points: "1.25 bp". */
export function formatBps(value: Figure): string {
  const number = read(value);
  return number ? `${writeNumber(number.times("10000").toFixed(2))} bp` : UNKNOWN;
}

/** A fraction as percent: "16.4 %". */
export function formatPercent(value: Figure, places = 1): string {
  const number = read(value);
  return number ? `${writeNumber(number.times("100").toFixed(places))} %` : UNKNOWN;
}

export function formatHours(value: Figure): string {
  const hours = read(value);
  if (!hours) return UNKNOWN;
  return hours.lt("48") ? `${hours.toFixed(1)} h` : `${hours.div("24").toFixed(1)} days`;
}

/** A price or a size with at most `significant` digits after the leading zeros. */
export function formatNumber(value: Figure, significant = 6): string {
  const number = read(value);
  if (!number) return UNKNOWN;
  if (number.eq("0")) return "0";
  const magnitude = number.abs().e;
  const rounded = number.round(Math.max(0, significant - 1 - magnitude));
  return writeNumber(rounded.toFixed());
}

/** Exact, for sizes: they must be seen to be equal. */
export function formatExact(value: Figure): string {
  const number = read(value);
  return number ? writeNumber(number.toFixed()) : UNKNOWN;
}

/** Of a leg as it is held: a loan's interest has more digits than anybody reads. */
export function formatHeld(value: Figure): string {
  const number = read(value);
  if (!number) return UNKNOWN;
  const exact = number.toFixed();
  return (exact.split(".")[1]?.length ?? 0) > 8 ? formatNumber(value, 8) : writeNumber(exact);
}

/** Columns padded to their widest cell; the first is left-aligned, the others right. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, cell.length);
    });
  }
  return rows
    .map((row) =>
      row
        .map((cell, index) =>
          index === 0 ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0),
        )
        .join(" ")
        .trimEnd(),
    )
    .join("\n");
}

/** "08:00" of an ISO time. */
export function formatClock(iso: string): string {
  return `${iso.slice(11, 16)} UTC`;
}

/** Where a leg stands, for people: the market is named where both legs are on one venue. */
export function placeName(
  leg: { readonly venue: string; readonly instrument: string },
  legs: readonly { readonly instrument: string }[],
): string {
  const name = shortVenue(leg.venue);
  if (!legs.some(({ instrument }) => isSpotSymbol(instrument))) return name;
  return `${name} ${isSpotSymbol(leg.instrument) ? "spot" : "perp"}`;
}

function read(value: Figure): Decimal | null {
  if (value === null) return null;
  return typeof value === "string" ? parseDecimal(value) : dec(value);
}
