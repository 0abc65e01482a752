import { type Decimal, dec, ZERO } from "./decimal.ts";

declare const unit: unique symbol;
type Branded<Name extends string> = Decimal & { readonly [unit]: Name };

/** Size in canonical base units (1 BTC, 1 PEPE), never contracts; >= 0. */
export type BaseSize = Branded<"BaseSize">;
/** Signed canonical base units: positive long, negative short. */
export type SignedBase = Branded<"SignedBase">;
/** USD per canonical base unit; > 0. */
export type Price = Branded<"Price">;
/** Size × price in USD; >= 0. */
export type NotionalUsd = Branded<"NotionalUsd">;
/** Signed money in USD: positive is received by us. */
export type Usd = Branded<"Usd">;
/** A fraction (0.0001 = 1 bp), never percent. A funding rate always travels with its interval. */
export type Rate = Branded<"Rate">;

/** UTC milliseconds. `…At` on market data and settlements is market time; see ports/clock. */
export type EpochMs = number;

type Source = string | Decimal;

export function baseSize(value: Source): BaseSize {
  return notNegative(value, "size") as BaseSize;
}

export function signedBase(value: Source): SignedBase {
  return dec(value) as SignedBase;
}

export function price(value: Source): Price {
  const parsed = dec(value);
  if (parsed.lte(ZERO)) throw new RangeError(`price must be positive: ${parsed.toString()}`);
  return parsed as Price;
}

export function notionalUsd(value: Source): NotionalUsd {
  return notNegative(value, "notional") as NotionalUsd;
}

export function usd(value: Source): Usd {
  return dec(value) as Usd;
}

export function rate(value: Source): Rate {
  return dec(value) as Rate;
}

function notNegative(value: Source, what: string): Decimal {
  const parsed = dec(value);
  if (parsed.lt(ZERO)) throw new RangeError(`${what} must not be negative: ${parsed.toString()}`);
  return parsed;
}
