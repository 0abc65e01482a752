import { type Decimal, parseDecimal } from "#src/core/decimal.ts";
import type { ReasonFigures } from "#src/core/opportunity.ts";
import { isPlainSymbol } from "./plain-name.ts";

/** As views and records carry them: decimals as text. */
export interface WrittenFigures {
  readonly have: string | null;
  readonly need: string;
  readonly unit: ReasonFigures["unit"];
  readonly venue: string | null;
}

/** What a rule found and what it asks for: "alpha has 1.2 million USD, 100 million USD are asked for". */
export function figuresWords({ have, need, unit, venue }: WrittenFigures): string {
  const who = venue !== null && isPlainSymbol(venue) ? venue : "it";
  const found = parseDecimal(have ?? "");
  const asked = parseDecimal(need);
  if (!asked) return "";
  return `${who} has ${found ? show(found, unit) : "no figure"}, ${show(asked, unit)} is asked for`;
}

export function writeFigures(figures: ReasonFigures | null): WrittenFigures | null {
  if (!figures) return null;
  const { have, need, unit, venue } = figures;
  return { have: have?.toFixed() ?? null, need: need.toFixed(), unit, venue };
}

function show(value: Decimal, unit: ReasonFigures["unit"]): string {
  if (unit === "usd") return `${inMillions(value)} USD`;
  if (unit === "days") return `${value.toFixed(1)} days`;
  if (unit === "apr") return `${value.times("100").toFixed(1)} % a year`;
  const bps = `${value.times("10000").toFixed(2)} bp`;
  return unit === "rate8h" ? `${bps} per 8 h` : bps;
}

function inMillions(value: Decimal): string {
  return value.abs().lt("100000")
    ? value.toFixed(0)
    : `${value.div("1000000").round(2).toFixed()} million`;
}
