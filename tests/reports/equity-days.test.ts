import { expect, test } from "bun:test";
import { DAY_MS, HOUR_MS } from "#src/core/funding.ts";
import { usd } from "#src/core/units.ts";
import { equityChart } from "#src/reports/equity-chart.ts";
import { equityDays } from "#src/reports/equity-days.ts";

const START = Date.UTC(2026, 0, 10);
const point = (hours: number, equity: string, flows = "0") => ({
  at: START + hours * HOUR_MS + 30_000,
  ...{ equityUsd: usd(equity), flowsUsd: usd(flows) },
});

test("a day's gain runs from evening to evening, without deposits; the point of midnight ends its day", () => {
  const days = equityDays([
    point(5, "1000"),
    point(24, "1003"),
    point(30, "1500", "500"),
    point(48, "1504"),
    // Nobody looked for a day.
    point(100, "1500"),
  ]);
  expect(
    days.map((one) => [(one.dayStart - START) / DAY_MS, one.gainUsd.toFixed(), one.isWhole]),
  ).toEqual([
    [0, "3", false],
    [1, "1", true],
    [4, "-4", false],
  ]);
});

test("one point, or none, is no day and no picture", () => {
  expect(equityDays([])).toEqual([]);
  expect(equityDays([point(1, "5")])).toEqual([]);
  expect(equityChart({ points: [point(1, "5")], funding: [], marks: [] })).toBeNull();
});

test("the picture leaves out what was paid in, and shows falls and funding with their units", () => {
  const chart = equityChart({
    points: [point(0, "1000"), point(24, "1600", "500"), point(48, "1545"), point(96, "1550")],
    funding: [
      { at: START + 8 * HOUR_MS, amountUsd: usd("0.5") },
      { at: START + 24 * HOUR_MS, amountUsd: usd("0.25") },
      { at: START + 25 * HOUR_MS, amountUsd: usd("-1") },
    ],
    marks: [{ at: START - DAY_MS, kind: "open", label: "BTC" }],
  });
  const values = chart?.panels.map(({ series }) => series[0]?.points.map((one) => one.value));
  expect(values).toEqual([
    ["1000", "1100", "1045", "1050"],
    ["0", "0", "-5", "-4.545455"],
    ["0.75", "-1"],
  ]);
  expect(chart?.panels.map((one) => one.title)).toEqual([
    "Equity without what was paid in, USD",
    "Below its best so far, %",
    "Funding per day, USD",
  ]);
  expect(chart?.note).toBe(
    "+50.00 USD since 2026-01-10 00:00 UTC, deposits and withdrawals left out.",
  );
  // What was opened before the first point has no place on it.
  expect(chart?.marks).toEqual([]);
});

test("a year is thinned to what can be seen, and ends where it ends", () => {
  const points = Array.from({ length: 8_760 }, (_, index) =>
    point(index, String(1000 + index), "1"),
  );
  const line = equityChart({ points, funding: [], marks: [] })?.panels[0]?.series[0]?.points ?? [];
  expect(line.length).toBeLessThan(800);
  expect(line.at(-1)).toEqual({ at: points.at(-1)?.at ?? 0, value: "1000" });
});
