import { z } from "zod";
import { type Decimal, dec, maxOf, ONE, parseDecimal } from "#src/core/decimal.ts";
import { ADAPTERS } from "#tests/vectors/adapters.ts";
import { Fields } from "#tests/vectors/fields.ts";
import { goldenSchema, runGoldenBacktests } from "#tests/vectors/golden-backtests.ts";

const schema = z.object({
  vectors: z.array(
    z.object({
      id: z.string(),
      fn: z.string(),
      input: z.unknown(),
      expected: z.unknown(),
      tol: z.string().default("0"),
    }),
  ),
});

export interface VectorResult {
  readonly passed: number;
  /** One line a failed case. */
  readonly failures: readonly string[];
}

/** Runs every case of a file; a text instead of a result says in one line what is wrong with the file. */
export async function runVectorFile(path: string): Promise<VectorResult | string> {
  const file = Bun.file(path);
  if (!(await file.exists())) return `${path}: there is no such file`;
  const content: unknown = await file.json().catch(() => null);
  const golden = goldenSchema.safeParse(content);
  if (golden.success) return runGoldenBacktests(path, golden.data);
  const parsed = schema.safeParse(content);
  if (!parsed.success) return `${path}: not a vector file ({vectors:[{id, fn, input, expected}]})`;
  const failures: string[] = [];
  for (const { id, fn, input, expected, tol } of parsed.data.vectors) {
    const problem = runCase(fn, input, expected, dec(tol));
    if (problem) failures.push(`${id} (${fn}): ${problem}`);
  }
  return { passed: parsed.data.vectors.length - failures.length, failures };
}

function runCase(fn: string, input: unknown, expected: unknown, tolerance: Decimal): string | null {
  const adapter = ADAPTERS[fn];
  if (!adapter) return "no function of the product computes this";
  try {
    return firstDifference(adapter(new Fields(input)), expected, tolerance, "");
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Compares what is expected, and only that: |a − b| ≤ tol × max(1, |b|) for figures. */
function firstDifference(
  actual: unknown,
  expected: unknown,
  tolerance: Decimal,
  at: string,
): string | null {
  if (Array.isArray(expected) || (typeof expected === "object" && expected !== null)) {
    const fields = new Map(Object.entries(Object(actual)));
    for (const [name, value] of Object.entries(expected)) {
      const difference = firstDifference(fields.get(name), value, tolerance, `${at}.${name}`);
      if (difference) return difference;
    }
    return null;
  }
  const [a, b] = [asFigure(actual), asFigure(expected)];
  const equal =
    a && b
      ? a
          .minus(b)
          .abs()
          .lte(tolerance.times(maxOf(ONE, b.abs())))
      : actual === expected;
  return equal ? null : `${at.slice(1) || "result"} is ${show(actual)}, expected ${show(expected)}`;
}

function asFigure(value: unknown): Decimal | null {
  if (typeof value === "boolean" || value === null || value === undefined) return null;
  // Our own exact figures may have more digits than text from outside is allowed.
  return isDecimal(value) ? dec(String(value)) : parseDecimal(show(value));
}

function show(value: unknown): string {
  return isDecimal(value) ? dec(String(value)).toFixed() : String(value);
}

function isDecimal(value: unknown): boolean {
  return value instanceof Object && value.constructor === ONE.constructor;
}
