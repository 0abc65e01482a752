import type { BarSeriesOption, LineSeriesOption, ScatterSeriesOption } from "echarts/charts";
import type { ChartData, ChartMark, ChartSeries } from "#src/reports/chart-data.ts";
import type { Theme } from "./themes.ts";

export type SeriesOption = BarSeriesOption | LineSeriesOption | ScatterSeriesOption;

/** More of them would cover each other: then they stand without their names. */
const NAMED_MARKS = 8;
const WIDTHS = { line: 1.9, dashed: 1.4, shade: 1, bars: 0 } as const;
export const MARK_NAMES = { open: "opened", close: "closed" } as const;

/** All lines, shades, bars and marks of a picture. */
export function chartSeries(data: ChartData, theme: Theme): readonly SeriesOption[] {
  const drawn = data.panels.flatMap(({ series }, panel) =>
    series.map((one) => (one.shape === "bars" ? bars(one, panel, theme) : line(one, panel, theme))),
  );
  return [...drawn, ...marks(data, "open", theme), ...marks(data, "close", theme)];
}

function bars(series: ChartSeries, panel: number, theme: Theme): BarSeriesOption {
  const color = theme.tones[series.tone];
  return {
    ...{ type: "bar", name: series.name, xAxisIndex: panel, yAxisIndex: panel },
    ...{ itemStyle: { color }, barMaxWidth: 14, barMinWidth: 1, barCategoryGap: "25%" },
    data: series.points.map(({ at, value }) => ({
      value: [at, Number(value ?? "0")],
      itemStyle: { color: value?.startsWith("-") ? theme.bad : color },
    })),
  };
}

function line(series: ChartSeries, panel: number, theme: Theme): LineSeriesOption {
  const color = theme.tones[series.tone];

  const hasGaps = series.points.some(({ value }) => value === null);
  return {
    ...{ type: "line", name: series.name, xAxisIndex: panel, yAxisIndex: panel },
    ...{ showSymbol: false, color, ...(hasGaps ? {} : { sampling: "lttb" }) },
    lineStyle: {
      color,
      width: WIDTHS[series.shape],
      type: series.shape === "dashed" ? "dashed" : "solid",
    },
    ...(series.shape === "shade" ? { areaStyle: { color, opacity: 0.25, origin: 0 } } : {}),
    data: series.points.map(({ at, value }) => [at, value === null ? null : Number(value)]),
  };
}

function marks(data: ChartData, kind: ChartMark["kind"], theme: Theme): ScatterSeriesOption[] {
  const wanted = data.marks.filter((mark) => mark.kind === kind);
  const first = data.panels[0]?.series[0]?.points ?? [];
  const isNamed = data.marks.length <= NAMED_MARKS;
  const places = wanted.flatMap((mark) => {
    const value = valueAt(first, mark.at);
    return value === null ? [] : [{ name: mark.label, value: [mark.at, Number(value)] }];
  });
  if (places.length === 0) return [];
  const color = kind === "open" ? theme.tones.second : theme.tones.third;
  return [
    {
      ...{ type: "scatter", name: MARK_NAMES[kind], xAxisIndex: 0, yAxisIndex: 0, z: 5 },
      ...{ symbol: "triangle", symbolSize: 10, symbolRotate: kind === "open" ? 0 : 180 },
      itemStyle: { color, borderColor: theme.paper, borderWidth: 1, opacity: 1 },
      label: {
        ...{ show: isNamed, formatter: "{b}", color: theme.ink, fontSize: 11 },
        ...{ textBorderColor: theme.paper, textBorderWidth: 3 },
        position: kind === "open" ? "bottom" : "top",
      },
      labelLayout: { hideOverlap: true },
      data: places,
    },
  ];
}

/** The last known value at or before a moment; else the first one after it. */
function valueAt(points: ChartData["panels"][0]["series"][0]["points"], at: number) {
  const known = points.filter(({ value }) => value !== null);
  return (known.findLast((one) => one.at <= at) ?? known[0])?.value ?? null;
}
