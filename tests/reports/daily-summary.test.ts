import { expect, test } from "bun:test";

import { parseDecimal, sum, ZERO } from "#src/core/decimal.ts";
import { dailySummary } from "#src/reports/daily-summary.ts";
import { formatHeld } from "#src/reports/format.ts";
import { createIdlePipeline } from "#tests/support/idle-pipeline.ts";

const PARTS = { priceUsd: "-1.5", fundingUsd: "2.5", feesUsd: "-7.25" };
const REST = { basisUsd: "0", residualUsd: "0", realisedUsd: "0", unrealisedUsd: "0" };

async function summary(interestUsd: string, totalUsd: string): Promise<string> {
  const idle = createIdlePipeline();
  const performance = await idle.performance();
  const total = { ...PARTS, ...REST, interestUsd, totalUsd };
  return dailySummary(await idle.status(), { ...performance, total });
}

test("the parts of a daily summary add up to its result, with a loan's interest, too", async () => {
  const text = await summary("-0.25", "-6.5");
  expect(text).toContain("Result since the start: −6.50 USD");
  const parts = [...text.matchAll(/^ {2}[a-z ]+ ([+−][\d.]+) USD$/gm)].map(
    ([, value = ""]) => parseDecimal(value.replace("−", "-")) ?? ZERO,
  );
  expect(sum(parts).toFixed()).toBe("-6.5");
  expect(await summary("0", "-6.25")).not.toContain("interest");
});

test("a leg's size is exact, but for the endless digits of a loan's interest", () => {
  expect(formatHeld("0.00012345")).toBe("0.00012345");
  expect(formatHeld("482000000")).toBe("482,000,000");
  expect(formatHeld("1341.899210762682")).toBe("1,341.8992");
});
