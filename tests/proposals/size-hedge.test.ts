import { expect, test } from "bun:test";
import fc from "fast-check";
import { dec, isMultipleOf } from "#src/core/decimal.ts";
import { sizeHedge } from "#src/proposals/size-hedge.ts";

const cents = (min: number, max: number) =>
  fc.integer({ min, max }).map((value) => dec(String(value)).div("100"));
const lot = fc
  .constantFrom("0.001", "0.01", "0.03", "0.02", "0.5", "0.3", "1", "10", "0.0001")
  .map((text) => dec(text));
const leg = fc.record({
  equityUsd: cents(0, 10_000_000),
  price: cents(1, 10_000_000),
  lotStepBase: lot,
  minSizeBase: lot,
  minNotionalUsd: cents(0, 20_000),
});

test("a size is on both lots, above both minima and never above any limit", () => {
  let sized = 0;
  fc.assert(
    fc.property(
      leg,
      leg,
      cents(0, 5_000_000),
      cents(0, 5_000_000),
      (a, b, hardCapUsd, depthUsd) => {
        const result = sizeHedge({
          legs: [a, b],
          equityShare: dec("0.8"),
          hardCapUsd,
          bounds: { depthUsd },
        });
        if (!result.ok) return;
        sized += 1;
        for (const one of [a, b]) {
          const notional = result.sizeBase.times(one.price);
          expect(isMultipleOf(result.sizeBase, one.lotStepBase)).toBe(true);
          expect(result.sizeBase.gte(one.minSizeBase)).toBe(true);
          expect(notional.gte(one.minNotionalUsd)).toBe(true);
          expect(notional.lte(hardCapUsd) && notional.lte(depthUsd)).toBe(true);
          expect(
            notional.lte(a.equityUsd.times("0.8")) && notional.lte(b.equityUsd.times("0.8")),
          ).toBe(true);
        }
      },
    ),
    { numRuns: 2_000 },
  );
  expect(sized).toBeGreaterThan(40);
});

test("a size that falls below a minimum is refused, never rounded up", () => {
  const tiny = {
    equityUsd: dec("100"),
    price: dec("60000"),
    lotStepBase: dec("0.001"),
    minSizeBase: dec("0.001"),
    minNotionalUsd: dec("0"),
  };
  const result = sizeHedge({
    legs: [tiny, tiny],
    equityShare: dec("0.8"),
    hardCapUsd: dec("59.99"),
  });
  expect(result).toMatchObject({ ok: false, reason: "BELOW_MIN_QTY" });
});
