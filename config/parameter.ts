import { z } from "zod";
import { type Decimal, parseDecimal } from "#src/core/decimal.ts";

/**
 * guard: compiled in as well (src/guard/limits.ts), a setting can only be tighter; configuration: the
 * operator's choice; advisory: shown, ranked or told to a model, never decides.
 */
export type ParameterKind = "guard" | "configuration" | "advisory";

type Value = string | number | boolean | readonly string[];

/** What is known of a setting beside its schema. */
export interface Parameter {
  readonly kind: ParameterKind;
  readonly unit: string;
  /** As settings.toml writes it. */
  readonly value: Value;
  /** Its name in the reference list of parameters; null for those that we added. */
  readonly key: string | null;
  readonly meaning: string;
}

/** Every declared parameter, by its schema. */
export const PARAMETERS = z.registry<Parameter>();

type Declared<Schema extends z.ZodType> = (
  value: string,
  /** "0.01..0.8", ends included. */
  range: string,
  key: string | null,
  meaning: string,
) => z.ZodPrefault<Schema>;

type Exact = z.ZodPipe<z.ZodString, z.ZodTransform<Decimal, string>>;

/** Declares parameters of one kind: `guard.fraction(default, range, key, meaning)`. */
function declare(kind: ParameterKind) {
  const exact =
    (unit: string): Declared<Exact> =>
    (value, range, key, meaning) =>
      exactWithin(range, kind)
        .prefault(value)
        .register(PARAMETERS, {
          ...{ kind, unit, value, key, meaning },
        });
  const whole =
    (unit: string): Declared<z.ZodInt> =>
    (value, range, key, meaning) =>
      wholeWithin(range, kind)
        .prefault(Number(value))
        .register(PARAMETERS, { ...{ kind, unit, value: Number(value), key, meaning } });
  return {
    fraction: exact("fraction"),
    per8h: exact("per 8h"),
    perYear: exact("a year"),
    usd: exact("USD"),
    times: exact("x"),
    number: exact("-"),
    count: whole("count"),
    ms: whole("ms"),
    seconds: whole("s"),
    minutes: whole("min"),
    hours: whole("h"),
    days: whole("d"),
    /** What no setting can switch off: only `true` is taken. */
    always: (key: string, meaning: string) =>
      z
        .literal(true, "cannot be switched off: it is a guard value")
        .prefault(true)
        .register(PARAMETERS, { ...{ kind, unit: "-", value: true, key, meaning } }),
    toggle: (value: boolean, key: string | null, meaning: string) =>
      z
        .boolean()
        .prefault(value)
        .register(PARAMETERS, { ...{ kind, unit: "-", value, key, meaning } }),
    names: (value: readonly string[], key: string | null, meaning: string) =>
      z
        .array(z.string().min(1))
        .prefault([...value])
        .register(PARAMETERS, { ...{ kind, unit: "-", value, key, meaning } }),
    fractions: (value: readonly string[], key: string, meaning: string) =>
      z
        .array(exactWithin("0..1", kind))
        .length(value.length)
        .prefault([...value])
        .register(PARAMETERS, { ...{ kind, unit: "-", value, key, meaning } }),
  };
}

export const guard = declare("guard");
export const configuration = declare("configuration");
export const advisory = declare("advisory");

/** Text that is a plain decimal inside the range, as an exact Decimal. */
function exactWithin(range: string, kind: ParameterKind): Exact {
  const [least, most] = endsOf(range);
  return z.string().transform((text, context): Decimal => {
    const value = parseDecimal(text);
    if (value === null || value.lt(least) || value.gt(most)) {
      context.addIssue({
        code: "custom",
        message: `must be a number in quotes from ${least} to ${most}${hintOf(kind)}`,
      });
      return z.NEVER;
    }
    return value;
  });
}

function wholeWithin(range: string, kind: ParameterKind): z.ZodInt {
  const [least, most] = endsOf(range);
  const message = `must be a whole number from ${least} to ${most}${hintOf(kind)}`;
  return z.int(message).min(Number(least), message).max(Number(most), message);
}

function hintOf(kind: ParameterKind): string {
  return kind === "guard" ? " (a guard value: it can only be made tighter)" : "";
}

function endsOf(range: string): readonly [least: string, most: string] {
  const [least = "", most = ""] = range.split("..");
  return [least, most];
}
