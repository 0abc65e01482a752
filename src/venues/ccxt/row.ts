import { type Decimal, parseDecimal } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import type { EpochMs } from "#src/core/units.ts";

/** An object of a venue's answer: untrusted. The readers below refuse what is missing or malformed. */
export type Row = Readonly<Record<string, unknown>>;

/** The value as a row; throws RetryableError when it is none. */
export function row(value: unknown, what: string): Row {
  if (isRow(value)) return value;
  throw new RetryableError(`${what}: not an object`);
}

/** The value as a list of rows. */
export function rows(value: unknown, what: string): readonly Row[] {
  if (!Array.isArray(value)) throw new RetryableError(`${what}: not a list`);
  return value.map((one) => row(one, what));
}

/** A field that must be there: text, or a number's digits. */
export function text(from: Row, key: string): string {
  const value = textOrNull(from, key);
  if (value === null) throw new RetryableError(`${key} is missing`);
  return value;
}

/** Null when it is absent, null or empty. */
export function textOrNull(from: Row, key: string): string | null {
  const value = from[key];
  if (typeof value === "string") return value === "" ? null : value;
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  return typeof value === "boolean" ? String(value) : null;
}

/** A number that must be there, exactly as the venue wrote it. */
export function decimal(from: Row, key: string): Decimal {
  const value = decimalOrNull(from, key);
  if (value === null) throw new RetryableError(`${key} is missing or not a number`);
  return value;
}

/** Null when it is absent or not a number. */
export function decimalOrNull(from: Row, key: string): Decimal | null {
  return parseDecimal(textOrNull(from, key) ?? "");
}

/** UTC milliseconds that must be there. */
export function millis(from: Row, key: string): EpochMs {
  const value = millisOrNull(from, key);
  if (value === null) throw new RetryableError(`${key} is missing or not a time`);
  return value;
}

/** Null when it is absent, 0 or not a whole number of milliseconds. */
export function millisOrNull(from: Row, key: string): EpochMs | null {
  const value = Number(textOrNull(from, key) ?? "");
  return Number.isSafeInteger(value) && value > 0 ? value : null;
}

function isRow(value: unknown): value is Row {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
