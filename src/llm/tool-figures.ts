import { z } from "zod";
import { type Decimal, parseDecimal } from "#src/core/decimal.ts";
import { writeNumber } from "#src/core/words/write-number.ts";

/** A decimal as a tool writes it; null where it is unknown. */
export const figure = z.string().nullable();

export const figuresSchema = z.object({
  have: figure,
  need: z.string(),
  unit: z.enum(["usd", "rate", "rate8h", "apr", "days"]),
  venue: figure,
});

type Text = string | null | undefined;

export function number(text: Text): Decimal | null {
  return text ? parseDecimal(text) : null;
}

export function bp(text: Text): string {
  const value = number(text);
  return value ? `${writeNumber(value.times("10000").toFixed(2))} bp` : "unknown";
}

export function percent(text: Text, places = 1): string {
  const value = number(text);
  return value ? `${writeNumber(value.times("100").toFixed(places))} %` : "unknown";
}

/** What came or went has its sign; what there is has none. */
export function money(text: Text, sign: "signed" | "plain" = "signed"): string {
  const cents = number(text)?.round(2);
  if (!cents) return "unknown";
  return `${sign === "signed" && cents.gt("0") ? "+" : ""}${writeNumber(cents.toFixed(2))} USD`;
}

/** A loan's interest has more digits than anybody reads. */
export function size(text: Text): string {
  const value = number(text);
  return value ? writeNumber(value.round(8).toFixed()) : "unknown";
}

/** Of hours. */
export function days(hours: Text): string {
  const value = number(hours);
  return value ? `${writeNumber(value.div("24").toFixed(1))} days` : "never";
}

/** "01-06 19:45" of an ISO time. */
export function stamp(iso: string): string {
  return iso.slice(5, 16).replace("T", " ");
}
