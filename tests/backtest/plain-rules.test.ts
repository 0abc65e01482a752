import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { accountRates } from "#src/backtest/account-rates.ts";
import { runFigures } from "#src/backtest/show/golden-figures.ts";
import { nameRule } from "#src/backtest/show/name-rule.ts";
import type { TradeCosts } from "#src/backtest/trade-costs.ts";
import { type Decimal, dec, maxOf, sum, ZERO } from "#src/core/decimal.ts";
import { BP, costs, makeSeries, SPOT, TAKERS } from "./make-series.ts";

const RULES = ["hold", "naive", "seed2", "trail5_3", "gated4_6_1.5_4", "gated3_9_1_5"];
const anyCarry = fc.array(fc.integer({ min: -20 * BP, max: 20 * BP }), {
  minLength: 1,
  maxLength: 60,
});
const anyRule = fc.constantFrom(...RULES);

function run(rule: string, carry: readonly number[], terms: TradeCosts = TAKERS) {
  const series = makeSeries(carry);
  const decided = nameRule(rule)?.run(series, terms);
  if (!decided) throw new Error(`no rule ${rule}`);
  return { series, decided, account: accountRates(series, decided.positions, terms) };
}

describe("a rule over a series", () => {
  test("earns the step after its choice, and the last step closes what is held", () => {
    const { decided, account } = run("hold", [5 * BP, 3 * BP, -1 * BP]);
    expect([...decided.positions]).toEqual([1, 1, 0]);
    expect(account.funding.toFixed()).toBe("0.0002");
    expect(account.fees.toFixed()).toBe("0.0019");
  });

  test("holding receives the sum of all steps but the first", () => {
    fc.assert(
      fc.property(anyCarry, (carry) => {
        const held = carry.slice(1).map((units) => dec(BigInt(units)).times("1e-12"));
        expect(run("hold", carry).account.funding.eq(sum(held))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  test("earns the same when the venues change places, and so does its mirror image", () => {
    fc.assert(
      fc.property(anyCarry, anyRule, (carry, rule) => {
        const [straight, swapped] = [carry, carry.map((units) => 0 - units)].map((one) =>
          run(rule, one),
        );
        if (!straight || !swapped) throw new Error("two runs");
        const sign = rule === "hold" ? -1 : 1;
        expect(swapped.account.funding.toFixed()).toBe(
          straight.account.funding.times(String(sign)).plus(ZERO).toFixed(),
        );
        expect([...swapped.decided.positions]).toEqual(
          [...straight.decided.positions].map((held) => (rule === "hold" ? held : 0 - held)),
        );
      }),
      { numRuns: 60 },
    );
  });

  test("never earns more by paying more for the same choices", () => {
    fc.assert(
      fc.property(anyCarry, anyRule, fc.integer({ min: 0, max: 50 }), (carry, rule, extra) => {
        const { series, decided, account } = run(rule, carry);
        const dearer = accountRates(series, decided.positions, costs("0.00095", `${extra}e-5`));
        expect(dearer.net.lte(account.net)).toBe(true);
        expect(dearer.maxDrawdown.gte(account.maxDrawdown)).toBe(true);
        expect(dearer.funding.eq(account.funding)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test("adds up: parts to the net, positions to the whole, units to decimals", () => {
    fc.assert(
      fc.property(anyCarry, anyRule, (carry, rule) => {
        const { decided, account } = run(rule, carry, costs("0.0009", "0.00013"));
        const { funding, fees, slippage, borrow, net } = account;
        expect(funding.minus(fees).minus(slippage).minus(borrow).eq(net)).toBe(true);
        expect(sum(account.positions.map((one) => one.net)).eq(net)).toBe(true);
        const slow = slowly(carry, decided.positions, dec("0.00103"));
        expect([slow.net.toFixed(), slow.drawdown.toFixed()]).toEqual([
          net.toFixed(),
          account.maxDrawdown.toFixed(),
        ]);
      }),
      { numRuns: 60 },
    );
  });
});

describe("the choices of a rule", () => {
  test("naive follows the last sign, and keeps its side when nothing was paid", () => {
    const { decided } = run("naive", [BP, 0, -BP, 0, BP, BP]);
    expect([...decided.positions]).toEqual([1, 1, -1, -1, 1, 0]);
  });

  test("seed 2 enters at 1.1 bp exactly and leaves only below -1 bp", () => {
    const { decided } = run("seed2", [1.09 * BP, 1.1 * BP, -1 * BP, -1.01 * BP, -1.2 * BP, 0]);
    expect([...decided.positions]).toEqual([0, 1, 1, 0, -1, 0]);
  });

  test("the trailing rule waits for a full window and then looks every few steps", () => {
    const { decided } = run("trail3_2", [BP, BP, BP, -9 * BP, -9 * BP, BP, BP, BP]);
    expect([...decided.positions]).toEqual([0, 0, 1, 1, -1, -1, -1, 0]);
  });

  test("the gate lets a tie through: a mean that pays the cost exactly so often", () => {
    // 1.5 × 2 × 9.5 bp = 28.5 bp = 3 bp × 9.5; a horizon of 19 steps needs 1.5 bp a step.
    const tie = [1.5 * BP, 1.5 * BP, 1.5 * BP, 1.5 * BP];
    expect([...run("gated2_19_1.5_2", tie).decided.positions]).toEqual([0, 1, 1, 0]);
    const below = tie.map((units) => units - 1);
    expect(run("gated2_19_1.5_2", below).account.entries).toBe(0);
  });

  test("the gate stays out when the last step pays the other way", () => {
    expect(run("gated2_19_1.5_2", [9 * BP, -1 * BP, 0]).account.entries).toBe(0);
  });

  test("coins are not sold short where nobody lends them, and interest is paid where somebody does", () => {
    const series = makeSeries([-3 * BP, -3 * BP, -3 * BP], SPOT);
    const naive = nameRule("naive");
    expect(naive?.run(series, TAKERS).decisions).toEqual([]);
    const lent = costs("0.00095", "0", "0.00001");
    const run = naive?.run(series, lent);
    const account = accountRates(series, run?.positions ?? new Int8Array(), lent);
    expect(account.funding.toFixed()).toBe("0.0006");
    expect(account.borrow.toFixed()).toBe("0.00016");
  });

  test.each(["trail0_3", "trail3", "gated1_2_3", "gated1_2_x_4", "seed2_1", "holding", ""])(
    "%s is no rule",
    (name) => {
      expect(nameRule(name)).toBeNull();
    },
  );

  test.each(["trail90_21", "gated42_63_1.5_42", "seed2_0.0002_-0.0003"])(
    "%s is called by its own name",
    (name) => {
      expect(nameRule(name)?.name).toBe(name);
    },
  );
});

test("a year is 8760 hours, however long the recording", () => {
  const { series, account } = run("hold", Array(365).fill(BP));
  expect(runFigures(series, account).fundingApr.toFixed(6)).toBe("0.109200");
});

/** The same account in decimals, step by step. */
function slowly(carry: readonly number[], positions: Int8Array, side: Decimal) {
  let [net, peak, drawdown] = [ZERO, ZERO, ZERO];
  let held = 0;
  carry.forEach((units, step) => {
    const next = positions[step] ?? 0;
    const paid = dec(BigInt(units)).times("1e-12").times(String(held));
    net = net.plus(paid).minus(side.times(String(Math.abs(next - held))));
    peak = maxOf(peak, net);
    drawdown = maxOf(drawdown, peak.minus(net));
    held = next;
  });
  return { net, drawdown };
}
