import { expect, test } from "bun:test";
import fc from "fast-check";
import { type Decimal, dec, minOf, ZERO } from "#src/core/decimal.ts";
import { windowCarry } from "#src/core/figures/carry.ts";
import { pairSpread } from "#src/core/funding.ts";
import { deltaDrift, rebalanceAction } from "#src/core/rules/drift.ts";
import { entryBasis } from "#src/core/rules/entry-gate.ts";

const size = fc.integer({ min: 1, max: 1_000_000 }).map((value) => dec(String(value)).div("1000"));
const part = fc.integer({ min: 0, max: 100 }).map((value) => dec(String(value)).div("100"));
const limits = { maxDrift: dec("0.03"), emergencyDrift: dec("0.1"), minUsd: dec("0") };
const band = fc.constantFrom(
  "green" as const,
  "yellow" as const,
  "orange" as const,
  "red" as const,
);

test("cutting both legs by the same size leaves the gap as it is, by the same share the drift", () => {
  fc.assert(
    fc.property(size, size, part, (a, b, share) => {
      const same = minOf(a, b).times(share);
      const [before, bySize] = [drift(a, b), drift(a.minus(same), b.minus(same))];
      const left = dec("1").minus(share);
      const byShare = drift(a.times(left), b.times(left));
      expect(bySize.net.eq(before.net)).toBe(true);
      expect(byShare.drift.minus(before.drift).lte("1e-30")).toBe(true);
    }),
  );
});

test("cutting the larger leg by at most the gap never raises the drift", () => {
  fc.assert(
    fc.property(size, size, part, (a, b, share) => {
      const before = drift(a, b);
      const cut = before.net.abs().times(share);
      const after = a.gt(b) ? drift(a.minus(cut), b) : drift(a, b.minus(cut));
      expect(after.drift.lte(before.drift)).toBe(true);
      expect(after.net.abs().lte(before.net.abs())).toBe(true);
    }),
  );
});

test("what a drift asks for ends it, and only a missing fill under green margins is filled up", () => {
  fc.assert(
    fc.property(size, size, band, fc.boolean(), (a, b, margin, fillMissing) => {
      const found = rebalanceAction({
        ...{ legs: [a.neg(), b], price: dec("100"), margin, fillMissing, limits },
      });
      const before = drift(a, b);
      if (found.action === "closeAll") throw new Error("the legs are on two sides");
      if (found.action === "none") return expect(before.drift.lte(limits.maxDrift)).toBe(true);
      const change = found.action === "reduce" ? found.qty.neg() : found.qty;
      const after = found.leg === 0 ? drift(a.plus(change), b) : drift(a, b.plus(change));
      expect(after.net.eq(ZERO)).toBe(true);
      expect(found.action === "increase").toBe(fillMissing && margin === "green");
    }),
  );
});

test("legs on one side are closed, and a leg that is gone is never bought back", () => {
  const ask = (a: string, b: string) =>
    rebalanceAction({
      ...{ legs: [dec(a), dec(b)], price: dec("100"), margin: "green", fillMissing: true, limits },
    });
  expect(ask("1", "1").action).toBe("closeAll");
  expect(ask("-1", "0")).toMatchObject({ action: "reduce", leg: 0, priority: "critical" });
});

const rate = fc
  .integer({ min: -4_000, max: 4_000 })
  .map((value) => dec(String(value)).times("0.000001"));
const hours = fc.constantFrom("1", "2", "4", "8").map((text) => dec(text));

test("swapping the venues negates the spread, whatever their intervals", () => {
  const quote = fc.record({ rate, intervalHours: hours });
  fc.assert(
    fc.property(quote, quote, size, size, (a, b, priceA, priceB) => {
      const day = 86_400_000;
      const there = windowCarry(0, day, { short: a, long: b });
      const back = windowCarry(0, day, { short: b, long: a });
      expect(there.plus(back).eq(ZERO)).toBe(true);

      const [one, other] = [
        entryBasis(dec("1"), priceA, priceB),
        entryBasis(dec("1"), priceB, priceA),
      ];
      expect(one.lockedUsd.plus(other.lockedUsd).eq(ZERO)).toBe(true);

      // The trade is the same one, whoever is named first.
      const [x, y] = [
        { venue: "x", ...a },
        { venue: "y", ...b },
      ];
      const [first, second] = [pairSpread(x, y), pairSpread(y, x)];
      expect([first.short, first.long]).toEqual([second.short, second.long]);
      expect(first.spreadPerHour.eq(second.spreadPerHour)).toBe(true);
      const direction = first.short === "x" ? there : back;
      expect(direction.minus(first.spreadPerHour.times("24")).abs().lte("1e-30")).toBe(true);
    }),
  );
});

function drift(short: Decimal, long: Decimal) {
  return deltaDrift(short.neg(), long);
}
