import { type Decimal, decFromInteger, parseDecimal, ZERO } from "./decimal.ts";

/** Hours from what venues and libraries write: "8h", "30min", "28800000", "0h" with a hint. Null: unknown. */
export function parseIntervalHours(text: string | null, hint: string | null): Decimal | null {
  return parseOne(text) ?? parseOne(hint);
}

const HOUR_MS = decFromInteger(3_600_000);
const FORM = /^(\d+(?:\.\d+)?)\s*(ms|s|m|min|mins|minutes?|h|hrs?|hours?|d)?$/i;

function parseOne(text: string | null): Decimal | null {
  const found = FORM.exec(text?.trim() ?? "");
  const value = found?.[1] ? parseDecimal(found[1]) : null;
  if (!value || value.lte(ZERO)) return null;
  const unit = found?.[2]?.toLowerCase() ?? "";
  if (unit === "ms") return value.div(HOUR_MS);
  if (unit === "s") return value.div("3600");
  if (unit.startsWith("m")) return value.div("60");
  if (unit === "d") return value.times("24");
  if (unit.startsWith("h")) return value;
  // Bare numbers: small ones are hours, large ones the raw milliseconds that a library let through.
  if (value.lte("24")) return value;
  return value.gte("60000") ? value.div(HOUR_MS) : null;
}
