import { describe, expect, test } from "bun:test";
import { drawChart } from "#src/charts/draw-chart.ts";
import { scaleOf } from "#src/charts/scale.ts";
import { timeTicks } from "#src/charts/time-ticks.ts";
import type { ChartData } from "#src/reports/chart-data.ts";

const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 0, 10);
const PHONE = { width: 390, height: 460, theme: "light" } as const;

const picture: ChartData = {
  title: "What it earned",
  note: "A note of plain words.",
  panels: [
    {
      ...{ title: "Equity, USD", weight: 2 },
      series: [{ name: "equity", shape: "line", tone: "main", points: daily(["10", "12", "11"]) }],
    },
    {
      ...{ title: "Funding per day, USD", weight: 1 },
      series: [{ name: "funding", shape: "bars", tone: "main", points: daily(["1", "-2", null]) }],
    },
  ],
  marks: [
    { at: START, kind: "open", label: "BTC" },
    { at: START + DAY_MS, kind: "close", label: "BTC" },
  ],
};

function daily(values: readonly (string | null)[]) {
  return values.map((value, index) => ({ at: START + index * DAY_MS, value }));
}

describe("a picture", () => {
  test("says in its own text what it shows, with units, and loads nothing from elsewhere", async () => {
    const svg = await drawChart(picture, { ...PHONE, format: "svg" });
    for (const words of ["What it earned", "A note of plain words.", "Equity, USD", "opened"]) {
      expect(svg).toContain(words);
    }
    expect(svg).toStartWith("<svg");
    expect(svg).not.toMatch(/<script|<image|href=|url\(http/);
  });

  test("is the same every time, and other colours in the dark", async () => {
    const draw = (theme: "light" | "dark") =>
      drawChart(picture, { ...PHONE, theme, format: "svg" });
    const [first, again, dark] = await Promise.all([draw("light"), draw("light"), draw("dark")]);
    expect(again).toBe(first);
    expect(first).toContain("#ffffff");
    expect(dark).toContain("#18201c");
  });

  test("becomes a PNG of three times the pixels, with the letters of its own font", async () => {
    const png = await drawChart(picture, { ...PHONE, format: "png" });
    const view = new DataView(png.buffer, png.byteOffset);
    expect([view.getUint32(0), view.getUint32(16), view.getUint32(20)]).toEqual([
      ...[0x89504e47, PHONE.width * 3, PHONE.height * 3],
    ]);
    const wordless = { ...picture, title: "", note: "" };
    expect(await drawChart(wordless, { ...PHONE, format: "png" })).not.toEqual(png);
  });

  test("may be empty", async () => {
    const svg = await drawChart({ ...picture, panels: [], marks: [] }, { ...PHONE, format: "svg" });
    expect(svg).toContain("What it earned");
  });

  test("text that looks like markup stays text", async () => {
    const svg = await drawChart({ ...picture, title: "<script>" }, { ...PHONE, format: "svg" });
    expect(svg).toContain("&lt;script&gt;");
  });
});

test("an axis has round steps around everything that is drawn", () => {
  const scale = (values: readonly string[], shape: "line" | "bars") =>
    scaleOf(
      {
        ...{ title: "", weight: 1 },
        series: [{ name: "", shape, tone: "main", points: daily(values) }],
      },
      200,
    );
  const { min, max, step, label } = scale(["200003.1", "200011"], "line");
  expect([min, max, step]).toEqual([200_002, 200_012, 2]);
  expect(label(200_002)).toBe("200,002");
  expect(scale(["3"], "bars").min).toBe(0);
  expect(scale(["-0.02"], "bars").label(-0.005)).toBe("−0.005");
  expect(scale(["7"], "line").max).toBeGreaterThan(7);
});

test.each([
  [DAY_MS, ["10 Jan", "06:00", "12:00", "18:00", "11 Jan"]],
  [20 * DAY_MS, ["12 Jan", "17 Jan", "22 Jan", "27 Jan"]],
  [365 * DAY_MS, ["Apr 2026", "Jul 2026", "Oct 2026", "Jan 2027"]],
])("time over %d ms is told at round moments in UTC", (span, labels) => {
  const { at, label } = timeTicks(START, START + span, 4);
  expect(at.map(label)).toEqual(labels);
});
