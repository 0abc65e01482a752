import { ZERO } from "./decimal.ts";

/** JSON with sorted keys and decimals as plain text: the same facts always give the same bytes. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(canonical(value));
}

/** SHA-256 of the canonical JSON, as hex. */
export function canonicalHash(value: unknown): string {
  return new Bun.CryptoHasher("sha256").update(canonicalJson(value)).digest("hex");
}

function canonical(value: unknown): unknown {
  if (isDecimal(value)) return value.toFixed();
  if (value instanceof Map) return canonical(Object.fromEntries(value));
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries.map(([key, item]) => [key, canonical(item)]));
  }
  return value;
}

function isDecimal(value: unknown): value is typeof ZERO {
  return value instanceof Object && value.constructor === ZERO.constructor;
}
