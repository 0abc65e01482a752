import { describe, expect, test } from "bun:test";
import type { CarrySeries } from "#src/backtest/carry-series.ts";
import { type RuleSet, runRuleSet } from "#src/backtest/rule-set.ts";
import { dec } from "#src/core/decimal.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import { BP, costs, makeSeries, SPOT, TAKERS } from "./make-series.ts";

const RULES: RuleSet = {
  lookbackHours: 32,
  horizonHours: 504,
  costMultiple: dec("1.5"),
  sizeUsd: dec("100"),
  seed2Base: dec("0.0001"),
  seed2Per10k: dec("0.00001"),
  minFunding8h: dec("0.0001"),
  minNetAprOnCapital: dec("0.05"),
  exitSlipMultiple: dec("1.5"),
  exitTrailingHours: 32,
  negativeTolerance8h: dec("-0.0001"),
  cooldownHours: 0,
  window: { minMinutes: 15, maxMinutes: 30 },
  sees: "settled",
  borrowSafety: dec("1.2"),
  quotedCost: null,
};

function positions(series: CarrySeries, rules: Partial<RuleSet> = {}, terms = TAKERS) {
  return [...runRuleSet(series, terms, { ...RULES, ...rules }).positions];
}

/** So many steps of so many basis points each. */
function steps(...runs: readonly (readonly [number, number])[]): number[] {
  return runs.flatMap(([count, bps]) => Array<number>(count).fill(Math.round(bps * BP)));
}

describe("the bot's rules", () => {
  test("enter once half of the look-back is known and the mean pays, in the paying direction", () => {
    expect(positions(makeSeries(steps([5, 2])))).toEqual([0, 1, 1, 1, 0]);
    expect(positions(makeSeries(steps([5, -2])))).toEqual([0, -1, -1, -1, 0]);
  });

  test("say why they stay out, step by step", () => {
    const reasons = (carry: readonly number[], rules: Partial<RuleSet> = {}) => [
      ...(runRuleSet(makeSeries(carry), TAKERS, { ...RULES, ...rules }).refused ?? []),
    ];
    expect(reasons(steps([4, 0.2]))).toEqual([
      ["HISTORY_TOO_SHORT", 1],
      ["CARRY_BELOW_COST", 2],
    ]);
    expect(reasons(steps([4, 1.2]))).toContainEqual(["NET_APR_BELOW_MINIMUM", 2]);
    expect(reasons(steps([2, 9], [2, 0.5]), { minNetAprOnCapital: dec("1") })).toContainEqual([
      "SPREAD_BELOW_FLOOR",
      1,
    ]);
    expect(reasons(steps([2, 1], [1, -0.5], [1, 0]))).toContainEqual(["SPREAD_TURNED", 1]);
  });

  test("leave only when the spread is beyond the tolerance and the mean is against them, too", () => {
    const spike = steps([4, 2], [1, -3], [3, 2]);
    expect(positions(makeSeries(spike))).toEqual([0, 1, 1, 1, 1, 1, 1, 0]);
    const turned = steps([4, 2], [4, -3], [1, 0]);
    expect(positions(makeSeries(turned))).toEqual([0, 1, 1, 1, 1, 0, -1, -1, 0]);
    const tolerated = steps([4, 2], [8, -1]);
    expect(positions(makeSeries(tolerated)).slice(0, -1)).toEqual([0, ...Array(10).fill(1)]);
  });

  test("wait after a closing as long as they are told to", () => {
    const turned = makeSeries(steps([4, 2], [8, -3]));
    expect(positions(turned, { cooldownHours: 24 })).toEqual([
      0, 1, 1, 1, 1, 0, 0, 0, -1, -1, -1, 0,
    ]);
  });

  test("open shortly before the payment to us, of the leg that settles less often", () => {
    const carry = steps([24, 0.3]);
    const ends = carry.map((_, step) => Date.UTC(2026, 0, 1, step + 1));
    const leg = (bps: number, hours: number) => {
      const rates = Float64Array.from(carry, () => bps * BP);
      const spanMs = hours * HOUR_MS;
      return {
        ...{ settled: rates, upcoming: rates, hours: new Uint8Array(24).fill(hours) },
        nextAt: Float64Array.from(ends, (end) => (Math.floor(end / spanMs) + 1) * spanMs),
      };
    };
    const opened = (first: ReturnType<typeof leg>, more: Partial<RuleSet> = {}) => {
      const stamps = { first, second: leg(1, 1) };
      const hourly = makeSeries(carry, { stepHours: 1, stamps });
      return positions(hourly, { lookbackHours: 4, ...more }).indexOf(1);
    };
    // Steps end at 01:00, 02:00 …, so the one that ends at 07:00 stands at index 6.
    expect(opened(leg(9, 8))).toBe(6);
    expect(opened(leg(9, 8), { window: null })).toBe(1);
    expect(opened(leg(9, 1))).toBe(1);
  });

  test("see what is settled, or what settles next when they are asked to", () => {
    const carry = steps([3, 2], [2, -3]);
    const upcoming8h = Float64Array.from([...carry.slice(1), 0]);
    const series = makeSeries(carry, { upcoming8h });
    const long = { lookbackHours: 48, exitTrailingHours: 48 };
    expect(positions(series, long)[2]).toBe(1);
    expect(positions(series, { ...long, sees: "upcoming" })[2]).toBe(0);
  });

  test("borrow coins only when funding pays the interest with its margin", () => {
    const series = makeSeries(steps([5, -2]), SPOT);
    const at = (borrow: string | null) => positions(series, {}, costs("0.0003", "0", borrow))[2];
    expect([at(null), at("0.0000001"), at("0.000022")]).toEqual([0, -1, 0]);
  });

  test("tell with every decision what it stood on", () => {
    const [entry, exit] = runRuleSet(makeSeries(steps([5, 2])), TAKERS, RULES).decisions;
    expect([entry?.from, entry?.to]).toEqual([0, 1]);
    expect(entry?.figures()["trailing8h"]?.toFixed()).toBe("0.0002");
    expect([exit?.to, exit?.why]).toEqual([0, "the recording ends"]);
  });
});
