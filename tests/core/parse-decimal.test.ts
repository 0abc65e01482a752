import { expect, test } from "bun:test";
import fc from "fast-check";
import { parseDecimal } from "#src/core/decimal.ts";

test.each([
  ["+0", "0"],
  ["+1.50", "1.5"],
  ["-.5", "-0.5"],
  ["5.", "5"],
  [" 1e-3 ", "0.001"],
  ["++1", null],
  ["+-1", null],
  ["1_000", null],
  ["NaN", null],
  ["", null],
])("text from outside %p is %p", (text, value) => {
  expect(parseDecimal(text)?.toFixed() ?? null).toBe(value);
});

test("no text from outside makes it throw", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[ +-]{0,2}[\d.]{0,6}(e[+-]?\d{0,4})?$/), (text) => {
      parseDecimal(text);
    }),
  );
});
