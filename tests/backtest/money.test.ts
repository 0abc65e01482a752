import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { CarrySeries } from "#src/backtest/carry-series.ts";
import { type RunTerms, runRule } from "#src/backtest/run-rule.ts";
import {
  equalWeightReport,
  meanOnCapital,
  netAprOnCapital,
} from "#src/backtest/show/report-json.ts";
import type { Direction } from "#src/backtest/walk-series.ts";
import { dec, sum } from "#src/core/decimal.ts";
import { BP, makeSeries, SPOT } from "./make-series.ts";

const TERMS: RunTerms = {
  feeFirst: dec("0.0005"),
  feeSecond: dec("0.001"),
  slippage: dec("0.0002"),
  borrowPerHour: dec("0.00001"),
  capital: { overNotional: dec("2"), leverage: dec("3") },
  size: { base: dec("2") },
};

function priced(
  steps: readonly { readonly carry: number; readonly perp: number; readonly spot: number }[],
): CarrySeries {
  const prices = {
    reference: steps.map(({ perp }) => dec(`${perp}`)),
    first: steps.map(({ perp }) => dec(`${perp}`)),
    second: steps.map(({ spot }) => dec(`${spot}`)),
  };
  return makeSeries(
    steps.map(({ carry }) => carry),
    { ...SPOT, prices },
  );
}

/** A rule that was told beforehand what to hold after each step. */
function told(positions: readonly Direction[]) {
  return {
    name: "told",
    run: () => ({ positions: Int8Array.from([...positions.slice(0, -1), 0]), decisions: [] }),
  };
}

const anySteps = fc.array(
  fc.record({
    carry: fc.integer({ min: -20 * BP, max: 20 * BP }),
    perp: fc.integer({ min: 1, max: 90_000 }),
    spot: fc.integer({ min: 1, max: 90_000 }),
    held: fc.constantFrom<Direction>(1, -1, 0),
  }),
  { minLength: 2, maxLength: 25 },
);

describe("dollars of a constant size", () => {
  test("come from funding at each settlement's price, the gap, four fees, slippage and interest", () => {
    const series = priced([
      { carry: 0, perp: 100, spot: 99 },
      { carry: 10 * BP, perp: 200, spot: 198 },
      { carry: -10 * BP, perp: 300, spot: 300 },
    ]);
    const { money } = runRule(series, told([1, 1, 1]), TERMS);
    expect(money?.account.funding.toFixed()).toBe("-0.2");
    expect(money?.account.basis.toFixed()).toBe("2");
    expect(money?.account.fees.toFixed()).toBe("-1.198");
    expect(money?.account.slippage.toFixed()).toBe("-0.3196");
    expect(money?.account.net.toFixed()).toBe("0.2824");
    expect(money?.account.notionalUsd?.toFixed()).toBe("500");
  });

  test("pay interest on borrowed coins for every hour of the short side only", () => {
    const series = priced([
      { carry: 0, perp: 100, spot: 100 },
      { carry: -10 * BP, perp: 100, spot: 100 },
    ]);
    const short = runRule(series, told([-1, 0]), TERMS);
    expect(short.money?.account.borrow.toFixed()).toBe("-0.016");
    expect(short.money?.account.funding.toFixed()).toBe("0.2");
    expect(runRule(series, told([1, 0]), TERMS).money?.account.borrow.toFixed()).toBe("0");
  });

  test("add up exactly: parts to the net, price legs to the basis, the last equity to the net", () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const rule = told(steps.map(({ held }) => held));
        const { money, account } = runRule(priced(steps), rule, TERMS);
        if (!money) throw new Error("prices make dollars");
        const { funding, basis, fees, slippage, borrow, net, positions } = money.account;
        expect(sum([funding, basis, fees, slippage, borrow]).eq(net)).toBe(true);
        expect(money.points.at(-1)?.equity.eq(net)).toBe(true);
        expect(money.points.at(-1)?.funding.eq(funding)).toBe(true);
        expect(money.points.length).toBe(steps.length);
        expect(positions.length).toBe(account.positions.length);
        for (const { priceShort, priceLong, basis, residualDelta } of positions) {
          expect(priceShort.plus(priceLong).eq(basis.plus(residualDelta))).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("are sized anew at every opening when each is to be worth the same", () => {
    const flat = { carry: 0, spot: 100 };
    const series = priced([
      { ...flat, perp: 100 },
      { ...flat, perp: 400 },
      { ...flat, perp: 400 },
      { ...flat, perp: 400 },
    ]);
    const terms = { ...TERMS, size: { usd: dec("1000") } };
    const { money } = runRule(series, told([1, 0, 1, 0]), terms);
    expect(money?.account.positions.map(({ sizeBase }) => sizeBase.toFixed())).toEqual([
      "10",
      "2.5",
    ]);
  });
});

describe("measures of a run", () => {
  test("tell time in position, break-even, both win rates and three utilisations", () => {
    const series = makeSeries([0, 30 * BP, -1 * BP, 0, 5 * BP, 0]);
    const { measures } = runRule(series, told([1, 1, 0, 1, 0, 0]), { ...TERMS, size: null });
    expect(measures.timeInPosition.toFixed()).toBe("0.5");
    expect(measures.averageHoldDays?.toFixed()).toBe("0.5");
    expect(measures.winRate.perFundingPeriod?.toFixed(4)).toBe("0.6667");
    expect(measures.winRate.perPosition?.toFixed()).toBe("0");
    // 34 bp in 24 hours against 38 bp of one round trip.
    expect(measures.breakEvenDays?.toFixed(4)).toBe("1.1176");
    expect(Object.values(measures.utilisation).map((value) => value?.toFixed(4))).toEqual([
      ...["0.2500", "0.5000", "0.1667"],
    ]);
    expect(measures.sharpe.comparable).toBe(false);
  });

  test("count only the steps in which a leg settled", () => {
    const hours = Array.from({ length: 17 }, (_, hour) => hour);
    const nextAt = (every: number) =>
      Float64Array.from(hours, (hour) => (Math.floor((hour + 1) / every) + 1) * every * 3_600_000);
    const leg = (every: number) => ({
      ...{ settled: new Float64Array(17), upcoming: new Float64Array(17) },
      ...{ hours: Uint8Array.from(hours, () => every), nextAt: nextAt(every) },
    });
    const carry = hours.map((hour) => (hour === 7 ? BP : 0));
    const series = makeSeries(carry, {
      ...{ stepHours: 1, stamps: { first: leg(8), second: leg(8) } },
      endAt: Float64Array.from(hours, (hour) => (hour + 1) * 3_600_000),
    });
    const { measures } = runRule(series, told(hours.map(() => 1)), { ...TERMS, size: null });
    // One of two settlements, in sixteen hours.
    expect(measures.winRate.perFundingPeriod?.toFixed()).toBe("0.5");
  });

  test("of several runs are the mean of each one's own, in dollars where they are known", () => {
    const flat = { carry: 0, perp: 100, spot: 100 };
    const runs = [1, 4].map((rise) => {
      const series = priced([flat, { carry: 20 * BP, perp: 100 * rise, spot: 100 * rise }, flat]);
      return runRule(series, told([1, 1, 1]), TERMS);
    });
    const [first, second] = runs.map((run) => netAprOnCapital(run, TERMS));
    if (!first || !second) throw new Error("no runs");
    expect(first.eq(second)).toBe(false);
    expect(meanOnCapital(runs, TERMS).eq(first.plus(second).div("2"))).toBe(true);
    const mean = equalWeightReport(runs, TERMS, dec("0.04"));
    expect(mean?.benchmark.netAprOnCapital).toBe(meanOnCapital(runs, TERMS).round(8).toFixed());
    expect(meanOnCapital([], TERMS).toFixed()).toBe("0");
  });

  test("of a run that never opened are nothing, and no rate is made up", () => {
    const { measures } = runRule(makeSeries([BP, BP]), told([0, 0]), { ...TERMS, size: null });
    expect([measures.netApr.toFixed(), measures.entries]).toEqual(["0", 0]);
    expect([measures.breakEvenDays, measures.averageHoldDays, measures.sharpe.naive]).toEqual([
      ...[null, null, null],
    ]);
    expect(measures.winRate).toEqual({ perFundingPeriod: null, perPosition: null });
  });

  test("of days that resemble each other annualise to less than the naive figure", () => {
    const alike = Array.from(
      { length: 300 },
      (_, step) => (Math.floor(step / 30) % 2 ? 1 : 5) * BP,
    );
    const { measures } = runRule(makeSeries(alike), told(alike.map(() => 1)), {
      ...TERMS,
      ...{ feeFirst: dec("0"), feeSecond: dec("0"), slippage: dec("0"), size: null },
    });
    const { naive, loAdjusted, autocorrelation } = measures.sharpe;
    expect(autocorrelation?.gt("0.5")).toBe(true);
    expect(naive && loAdjusted?.lt(naive.div("2"))).toBe(true);
  });
});
