import Big from "big.js";

/**
 * The one decimal type. `+`, `-` and `×` are exact; only division rounds, half-even at 40 places.
 * Strict mode refuses JS numbers, so a float cannot enter by accident.
 */
export type Decimal = Big;

const D = Big();
D.DP = 40;
D.RM = Big.roundHalfEven;
D.NE = -200;
D.PE = 200;
D.strict = true;

const PLAIN_DECIMAL = /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i;

/** Parses a decimal string (or whole bigint); throws on anything else. Use for text that we wrote. */
export function dec(value: string | bigint | Decimal): Decimal {
  if (value instanceof D) return value;
  return new D(typeof value === "bigint" ? value.toString() : value);
}

/** Parses text from outside; null when it is not a plain finite decimal. */
export function parseDecimal(text: string): Decimal | null {
  // The library knows no leading plus.
  const trimmed = text.trim().replace(/^\+(?!-)/, "");
  return trimmed.length <= 80 && PLAIN_DECIMAL.test(trimmed) ? new D(trimmed) : null;
}

/** The one door for whole JS numbers (counts, milliseconds, hours): refuses fractions. */
export function decFromInteger(value: number): Decimal {
  if (!Number.isSafeInteger(value)) throw new RangeError(`not a whole number: ${value}`);
  return new D(value.toString());
}

export const ZERO: Decimal = dec("0");
export const ONE: Decimal = dec("1");

export function minOf<T extends Decimal>(first: T, ...rest: readonly T[]): T {
  return rest.reduce((least, next) => (next.lt(least) ? next : least), first);
}

export function maxOf<T extends Decimal>(first: T, ...rest: readonly T[]): T {
  return rest.reduce((most, next) => (next.gt(most) ? next : most), first);
}

export function sum(values: Iterable<Decimal>): Decimal {
  let total = ZERO;
  for (const value of values) total = total.plus(value);
  return total;
}

/** Largest multiple of `step` (> 0) that is not above `value` (>= 0). */
export function floorToStep(value: Decimal, step: Decimal): Decimal {
  return wholeSteps(value, step).times(step);
}

/** Nearest multiple of `step` in the given direction; for prices, where the side decides. */
export function roundToStep(value: Decimal, step: Decimal, direction: "down" | "up"): Decimal {
  const floored = floorToStep(value, step);
  return direction === "down" || floored.eq(value) ? floored : floored.plus(step);
}

export function isMultipleOf(value: Decimal, step: Decimal): boolean {
  return step.gt(ZERO) && value.mod(step).eq(ZERO);
}

/** `base` to a whole power >= 0 by squaring, rounded at 40 places so digits cannot explode. */
export function powInteger(base: Decimal, exponent: number): Decimal {
  let result = ONE;
  let factor = base;
  for (let left = exponent; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = result.times(factor).round(40);
    factor = factor.times(factor).round(40);
  }
  return result;
}

/** Square root of a value >= 0, half-even at 40 places. */
export function squareRoot(value: Decimal): Decimal {
  return value.sqrt();
}

/** Decimal logarithm of a value > 0, to 15 places: for ranking, never for money. */
export function log10(value: Decimal): Decimal {
  if (value.lte(ZERO)) throw new RangeError(`no logarithm of ${value.toString()}`);
  const whole = exponentOf(value);
  let mantissa = scaleDown(value, whole);
  let result = decFromInteger(whole);
  // Digit by digit: the tenth power moves the next digit of the logarithm into the exponent.
  for (let place = 1; place <= 15; place += 1) {
    const power = powInteger(mantissa, 10);
    const digit = exponentOf(power);
    result = result.plus(dec(`${digit}e-${place}`));
    mantissa = scaleDown(power, digit);
  }
  return result;
}

function exponentOf(value: Decimal): number {
  return value.e;
}

function scaleDown(value: Decimal, exponent: number): Decimal {
  return value.times(dec(`1e${-exponent}`)).round(40);
}

function wholeSteps(value: Decimal, step: Decimal): Decimal {
  if (step.lte(ZERO)) throw new RangeError(`step must be positive: ${step.toString()}`);
  return value.minus(value.mod(step)).div(step).round(0);
}
