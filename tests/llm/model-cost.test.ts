import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { dec } from "#src/core/decimal.ts";
import { costMicroUsd, estimateCostMicroUsd, isFree, microUsd } from "#src/llm/model-cost.ts";
import { modelReply, modelRequest } from "#tests/support/models.ts";

const PRICES = {
  ...{ input: dec("3"), cachedInput: dec("0.3"), cacheWrite: dec("3.75"), output: dec("15") },
};

describe("the cost of a call", () => {
  test("is tokens times dollars a million, in micro-dollars, rounded up", () => {
    const usage = { inputTokens: 1, cacheReadTokens: 1, cacheWriteTokens: 1, outputTokens: 1 };
    // 3 + 0.3 + 3.75 + 15 = 22.05
    expect(costMicroUsd(usage, PRICES)).toBe(23);
    expect(costMicroUsd({ ...usage, cacheReadTokens: 0, cacheWriteTokens: 0 }, PRICES)).toBe(18);
  });

  const tokens = fc.nat({ max: 5_000_000 });
  // Millionths of a dollar a million: every price that a page can show.
  const price = fc.nat({ max: 100_000_000 });

  test("agrees with whole numbers, for any usage and any prices", () => {
    const four = fc.tuple(tokens, tokens, tokens, tokens);
    fc.assert(
      fc.property(four, fc.tuple(price, price, price, price), (used, asked) => {
        const [inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens] = used;
        const [input, cachedInput, cacheWrite, output] = asked.map((one) =>
          dec(BigInt(one)).times("0.000001"),
        );
        if (!input || !cachedInput || !cacheWrite || !output) throw new Error("four prices");
        const usage = { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens };
        const exact = used.reduce((sum, one, at) => sum + BigInt(one) * BigInt(asked[at] ?? 0), 0n);
        const rounded = (exact + 999_999n) / 1_000_000n;
        const cost = costMicroUsd(usage, { input, cachedInput, cacheWrite, output });
        expect(BigInt(cost)).toBe(rounded);
      }),
      { numRuns: 300 },
    );
  });

  test("is estimated upwards when nobody says: all that was sent, and the longest answer", () => {
    const request = modelRequest({ facts: "f".repeat(300), maxOutputTokens: 1_000 });
    const lost = estimateCostMicroUsd(request, null, PRICES);
    const known = estimateCostMicroUsd(request, modelReply({ text: "x".repeat(30) }), PRICES);

    expect(lost).toBeGreaterThan(1_000 * 15 + 100 * 3);
    expect(lost - known).toBe((1_000 - 10) * 15);
  });

  test("of a model of one's own is nothing", () => {
    const zero = dec("0");
    const free = { input: zero, cachedInput: zero, cacheWrite: zero, output: zero };
    expect([isFree(free), isFree(PRICES)]).toEqual([true, false]);
    expect(estimateCostMicroUsd(modelRequest(), null, free)).toBe(0);
  });

  test("a budget is read in whole micro-dollars", () => {
    expect(microUsd(dec("0.25"))).toBe(250_000);
    expect(microUsd(dec("0.0000019"))).toBe(1);
  });
});
