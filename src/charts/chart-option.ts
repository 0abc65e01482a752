import type { EChartsCoreOption } from "echarts/core";
import type { ChartData } from "#src/reports/chart-data.ts";
import { chartSeries, MARK_NAMES } from "./chart-series.ts";
import type { ChartSize } from "./draw-chart.ts";
import { scaleOf } from "./scale.ts";
import { THEMES, type Theme } from "./themes.ts";
import { timeTicks } from "./time-ticks.ts";

const FONT = "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";
const SIZE = 12;
const TITLE_SIZE = 16;
const MARGIN = 12;
const NOTE_LINE = 17;
/** Above each panel for its title, below the last one for the time. */
const PANEL_TITLE = 36;
const TIME_AXIS = 24;
const LEGEND = 26;
const TIME_LABEL = 72;
const DAY_MS = 86_400_000;
const DOWNWARDS = "path://M0,0L10,0L5,8Z";

/** The picture as the drawing library wants it. */
export function chartOption(data: ChartData, size: ChartSize): EChartsCoreOption {
  const theme = THEMES[size.theme];
  const text = { color: theme.soft, fontFamily: FONT, fontSize: SIZE };
  const names = legendNames(data);
  const boxes = panelBoxes(data, size, names.length > 0);
  const scales = data.panels.map((panel, index) => scaleOf(panel, boxes[index]?.height ?? 0));
  const left = MARGIN + Math.max(0, ...scales.map((one) => one.labelWidth));
  const [from, until] = timeSpan(data);
  const ticks = timeTicks(from, until, Math.floor((size.width - left) / TIME_LABEL));
  return {
    ...{ animation: false, useUTC: true, backgroundColor: theme.paper, textStyle: text },
    title: titles(data, size, theme, boxes),
    legend: {
      ...{ show: names.length > 0, data: names, bottom: 8, left: MARGIN, padding: 0 },
      ...{ itemWidth: 14, itemHeight: 8, itemGap: 14, textStyle: text },
    },
    grid: boxes.map((box) => ({ ...box, left, right: MARGIN + 10, outerBoundsMode: "none" })),
    xAxis: data.panels.map((_, gridIndex) => ({
      ...{ type: "time", gridIndex, min: from, max: until, containShape: false },
      axisLine: { lineStyle: { color: theme.line }, onZero: false },
      axisTick: { show: false },
      axisLabel: {
        ...{ ...text, hideOverlap: true, show: gridIndex === data.panels.length - 1 },
        customValues: ticks.at,
        formatter: ticks.label,
      },
    })),
    yAxis: scales.map((scale, gridIndex) => ({
      ...{ type: "value", gridIndex, min: scale.min, max: scale.max, interval: scale.step },
      axisLabel: { ...text, formatter: scale.label },
      splitLine: { lineStyle: { color: theme.line } },
    })),
    series: chartSeries(data, theme),
  };
}

function titles(
  data: ChartData,
  { width }: ChartSize,
  theme: Theme,
  boxes: ReturnType<typeof panelBoxes>,
) {
  const text = { color: theme.soft, fontFamily: FONT, fontSize: SIZE };
  return [
    {
      ...{ text: data.title, subtext: data.note, left: MARGIN, top: 10, itemGap: 4, padding: 0 },
      textStyle: { color: theme.ink, fontFamily: FONT, fontSize: TITLE_SIZE, fontWeight: 600 },
      subtextStyle: {
        ...text,
        width: width - 2 * MARGIN,
        overflow: "break",
        lineHeight: NOTE_LINE,
      },
    },
    ...data.panels.map(({ title }, index) => ({
      ...{ text: title, left: MARGIN, top: (boxes[index]?.top ?? 0) - 22, padding: 0 },
      textStyle: { ...text, color: theme.ink, fontWeight: 600 },
    })),
  ];
}

/** Where each panel stands: what the texts leave, shared out by weight. */
function panelBoxes(data: ChartData, { width, height }: ChartSize, hasLegend: boolean) {
  const perLine = (width - 2 * MARGIN) / (SIZE * 0.52);
  const noteLines = data.note === "" ? 0 : Math.ceil(data.note.length / perLine);
  const above = 10 + TITLE_SIZE + 6 + noteLines * NOTE_LINE;
  const below = TIME_AXIS + (hasLegend ? LEGEND : 6);
  const room = height - above - below - PANEL_TITLE * data.panels.length;
  const weights = data.panels.reduce((all, one) => all + one.weight, 0);
  let top = above;
  return data.panels.map(({ weight }) => {
    const box = { top: top + PANEL_TITLE, height: (room * weight) / weights };
    top = box.top + box.height;
    return box;
  });
}

/** Panels say what they show: a legend is for those with more than one line, and for marks. */
function legendNames(data: ChartData): { name: string; icon?: string }[] {
  const lines = data.panels.flatMap(({ series }) =>
    series.length > 1 ? series.map((one) => one.name) : [],
  );
  const kinds = (["open", "close"] as const).filter((kind) =>
    data.marks.some((mark) => mark.kind === kind),
  );
  return [
    ...[...new Set(lines)].map((name) => ({ name })),
    ...kinds.map((kind) => ({
      name: MARK_NAMES[kind],
      icon: kind === "open" ? "triangle" : DOWNWARDS,
    })),
  ];
}

function timeSpan(data: ChartData): [number, number] {
  let [from, until] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { points } of data.panels.flatMap(({ series }) => series)) {
    from = Math.min(from, points[0]?.at ?? from);
    until = Math.max(until, points.at(-1)?.at ?? until);
  }
  return from <= until ? [from, Math.max(until, from + 1)] : [0, DAY_MS];
}
