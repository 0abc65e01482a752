import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Decimal, dec, isMultipleOf, sum, ZERO } from "#src/core/decimal.ts";
import { grossUp, netSizes } from "#src/venues/spot/net-size.ts";

const lots = fc.constantFrom("1", "0.1", "0.01", "0.000001", "0.5");
/** In hundred-thousandths: up to 1 %. */
const rates = fc.integer({ min: 0, max: 1000 }).map((one) => dec(String(one)).div("100000"));
const counts = fc.integer({ min: 1, max: 100_000 });

/** A gross order filled in pieces of any size, each with its own fee in coins. */
const filled = fc
  .record({ lot: lots, rate: rates, net: counts, cuts: fc.array(fc.integer({ min: 1, max: 999 })) })
  .map(({ lot, rate, net, cuts }) => {
    const asked = dec(lot).times(String(net));
    const gross = grossUp(asked, rate, dec(lot));
    const marks = [...cuts.map((one) => gross.times(String(one)).div("1000")), gross];
    const sorted = marks.toSorted((a, b) => a.cmp(b));
    const trades = sorted.map((mark, index) => {
      const size = mark.minus(sorted[index - 1] ?? ZERO);
      return { size, feeCoins: size.times(rate) };
    });
    return { lot: dec(lot), rate, asked, gross, trades };
  });

const total = (all: readonly Decimal[]) => sum(all);

describe("a buy whose fee is taken in coins", () => {
  test("is grossed up to what leaves the wanted size, and less than one lot more", () => {
    fc.assert(
      fc.property(lots, rates, counts, (lot, rate, count) => {
        const net = dec(lot).times(String(count));
        const gross = grossUp(net, rate, dec(lot));
        const left = gross.times(dec("1").minus(rate)).minus(net);
        expect(isMultipleOf(gross, dec(lot))).toBe(true);
        expect(left.gte(ZERO) && left.lt(dec(lot))).toBe(true);
      }),
    );
  });

  test("is as large as a size that is on no lot wants, also without a fee", () => {
    for (const rate of ["0", "0.001"]) {
      const gross = grossUp(dec("2.000001"), dec(rate), dec("0.1"));
      expect(gross.toFixed()).toBe("2.1");
    }
  });

  test("fills to exactly what was asked for, whatever its trades, and never beyond it on the way", () => {
    fc.assert(
      fc.property(filled, ({ lot, asked, gross, trades, rate }) => {
        const sizes = netSizes(trades, { side: "buy", lot, asked });
        for (const [index] of sizes.entries()) {
          expect(total(sizes.slice(0, index + 1)).lte(asked)).toBe(true);
        }
        expect(sizes.every((one) => one.gte(ZERO) && one.mod(lot).eq(ZERO))).toBe(true);
        expect(total(sizes).toFixed()).toBe(asked.toFixed());
        const left = gross.minus(total(sizes)).minus(gross.times(rate));
        expect(left.gte(ZERO) && left.lt(lot)).toBe(true);
      }),
    );
  });

  test("tells a trade once and for all: later trades do not change it", () => {
    fc.assert(
      fc.property(filled, fc.nat(), ({ lot, asked, trades }, cut) => {
        const upTo = cut % (trades.length + 1);
        const whole = netSizes(trades, { side: "buy", lot, asked });
        const part = netSizes(trades.slice(0, upTo), { side: "buy", lot, asked });
        expect(part.map(String)).toEqual(whole.slice(0, upTo).map(String));
      }),
    );
  });

  test("counts no more than was asked for when the fee turns out smaller than expected", () => {
    const order = { side: "buy", lot: dec("0.01"), asked: dec("1") } as const;
    const gross = grossUp(order.asked, dec("0.05"), order.lot);
    expect(total(netSizes([{ size: gross, feeCoins: ZERO }], order)).toFixed()).toBe("1");
    // By hand nobody asked us for anything: whole lots count.
    const byHand = netSizes([{ size: gross, feeCoins: ZERO }], { ...order, asked: null });
    expect(total(byHand).toFixed()).toBe("1.06");
  });
});
