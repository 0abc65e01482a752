import { expect, test } from "bun:test";
import { price, usd } from "#src/core/units.ts";
import type { Mode } from "#src/reports/views.ts";
import { openCardBody, validUntil } from "#src/telegram/cards/open-card.ts";
import { openCheck } from "#tests/support/builders.ts";

/** What a person reads, for a plan whose short dies above and whose long dies below. */
function read(secondLegFailsUsd: string | null, marketNow = 0, mode: Mode = "paper"): string {
  const { proposal } = openCheck();
  const [short, long] = proposal.legs;
  const parts = openCardBody(
    {
      ...proposal,
      boundBy: "shock",
      costs: {
        ...proposal.costs,
        secondLegFailsUsd: secondLegFailsUsd === null ? null : usd(secondLegFailsUsd),
      },
      legs: [
        { ...short, liquidationPrice: price("85200") },
        { ...long, venue: "hyperliquid", liquidationPrice: price("29940") },
      ],
    },
    { marketNow, mode, days: { lookback: "10", horizon: "30" } },
  );
  return parts.map((part) => (typeof part === "string" ? part : part.text)).join("");
}

test("a card says how far each leg is from liquidation, and on which side", () => {
  expect(read("310")).toContain(
    ["alpha       at 85,200 +42.0 %", "hyperliquid at 29,940 −50.1 %"].join("\n"),
  );
});

test("a card says over how many days its mean and its APR are, as the settings have it", () => {
  expect(read(null)).toContain("10-day mean");
  expect(read(null)).toContain("Net APR on capital over 30 days");
});

test("a card says what a failed second leg costs at worst, and what set the size", () => {
  expect(read("310")).toContain(
    "If the second leg fails: the first goes back, at worst 310.00 USD",
  );
  expect(read("310")).toContain("Size set by: the price shock each leg must survive");
  expect(read(null)).toContain("at a cost that nobody worked out");
});

test("a card that waited past a payment names the one after it", () => {
  const { proposal } = openCheck();
  const [{ fundingAt, intervalHours }] = proposal.legs;
  const others = proposal.legs.map((leg) => leg.fundingAt);
  const hour = Number(intervalHours.toFixed()) * 3_600_000;
  const at = (time: number) => `Next payment: ${new Date(time).toISOString().slice(11, 16)} UTC`;

  expect(others).toEqual([fundingAt, fundingAt]);
  expect(read(null, fundingAt - 1)).toContain(at(fundingAt));
  expect(read(null, fundingAt)).toContain(at(fundingAt + hour));
  expect(read(null, fundingAt + 5 * hour + 1)).toContain(at(fundingAt + 6 * hour));
});

test("where the market's clock is not that of people, a card says whose time each of its times is", () => {
  expect(read(null, 0, "demo")).toMatch(
    /Next payment: \d\d:\d\d UTC of market time \(00:00 UTC now\)\n/,
  );
  expect(validUntil(0, "demo")).toBe("Valid until 00:00:00 UTC of real time");
  expect(read(null)).toMatch(/Next payment: \d\d:\d\d UTC\n/);
  expect(validUntil(0, "live")).toBe("Valid until 00:00:00 UTC");
});
