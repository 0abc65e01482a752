import { expect, test } from "bun:test";
import fc from "fast-check";
import { type Decimal, dec, maxOf } from "#src/core/decimal.ts";
import { fundingPayment } from "#src/core/funding.ts";
import { type DuePayment, isWorthTelling, judgePayment } from "#src/core/rules/judge-payment.ts";
import { baseSize, price, rate, usd } from "#src/core/units.ts";

const decimalOf = (max: number, places: number) =>
  fc.integer({ min: 0, max }).map((value) => dec(`${value}e-${places}`));

const due = fc.record({
  side: fc.constantFrom("long" as const, "short" as const),
  sizeBase: decimalOf(5_000_000, 4).map((value) => baseSize(value)),
  rate: fc.integer({ min: -40_000, max: 40_000 }).map((value) => rate(dec(`${value}e-6`))),
  intervalHours: fc.constantFrom("1", "4", "8").map((hours) => dec(hours)),
  usd: decimalOf(9_999_999, 2).map((value) => price(value.plus("0.01"))),
});

const dueAt = ({
  usd: told,
  ...rest
}: { usd: ReturnType<typeof price> } & Omit<DuePayment, "price">) =>
  ({ ...rest, price: { usd: told, from: "venue" } }) as const satisfies DuePayment;

function expectedOf({ side, sizeBase, rate: settled, price: told }: DuePayment): Decimal {
  if (!sizeBase || !told) throw new Error("all is known here");
  return fundingPayment(side, sizeBase, told.usd, settled);
}

test("a payment differs exactly beyond the larger of 1 % and a cent, either way", () => {
  const tiny = dec("1e-30");
  fc.assert(
    fc.property(due.map(dueAt), fc.boolean(), (one, isMore) => {
      const expected = expectedOf(one);
      const allowed = maxOf(expected.abs().times("0.01"), dec("0.01"));
      const by = (off: Decimal) => usd(isMore ? expected.plus(off) : expected.minus(off));
      expect(judgePayment(one, by(dec("0"))).verdict).toBe("agrees");
      expect(judgePayment(one, by(allowed)).verdict).toBe("agrees");
      expect(judgePayment(one, by(allowed.plus(tiny))).verdict).toBe("differs");
    }),
  );
});

test("without the size or the price a payment is unknown, whatever it is", () => {
  fc.assert(
    fc.property(due.map(dueAt), fc.integer(), (one, cents) => {
      const booked = usd(dec(`${cents}e-2`));
      expect(judgePayment({ ...one, sizeBase: null }, booked).verdict).toBe("unknown");
      expect(judgePayment({ ...one, price: null }, booked).verdict).toBe("unknown");
    }),
  );
});

test("by the last trade's price 1 % more is let pass, and at a rate that parts the prices nothing is known", () => {
  fc.assert(
    fc.property(due.map(dueAt), (exact) => {
      const one = { ...exact, price: { ...exact.price, from: "trade" as const } };
      const expected = expectedOf(one);
      const rate8h = one.rate.abs().times("8").div(one.intervalHours);
      const allowed = maxOf(expected.abs().times("0.01"), dec("0.01")).plus(
        expected.abs().times("0.01"),
      );
      const wrong = judgePayment(one, usd(expected.plus(allowed).plus("1e-30"))).verdict;
      const near = judgePayment(one, usd(expected.plus(allowed))).verdict;
      if (rate8h.gt("0.005")) expect([wrong, near]).toEqual(["unknown", "unknown"]);
      else expect([wrong, near]).toEqual(["differs", "agrees"]);
    }),
  );
});

test("a cent may be rounded away, more may not", () => {
  expect(isWorthTelling(usd("-0.01"))).toBe(false);
  expect(isWorthTelling(usd("-0.0100001"))).toBe(true);
});
