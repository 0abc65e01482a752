import type { Decimal } from "#src/core/decimal.ts";

/** For statistics in tests only: decimals refuse to become numbers by themselves. */
export function asNumber(value: Decimal | undefined): number {
  return value === undefined ? Number.NaN : Number(value.toFixed());
}
