import { BarChart, LineChart, ScatterChart } from "echarts/charts";
import { GridComponent, LegendComponent, TitleComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import type { ChartData } from "#src/reports/chart-data.ts";
import { chartOption } from "./chart-option.ts";
import type { ChartSize } from "./draw-chart.ts";

use([
  ...[BarChart, LineChart, ScatterChart],
  ...[GridComponent, LegendComponent, TitleComponent, SVGRenderer],
]);

export function renderSvg(data: ChartData, size: ChartSize): string {
  const { width, height } = size;
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    chart.setOption(chartOption(data, size));
    return withOwnNames(chart.renderToSVGString());
  } finally {
    chart.dispose();
  }
}

/** The library numbers its styles through the life of the process; the same picture shall be the same text. */
function withOwnNames(svg: string): string {
  const names = new Map<string, string>();
  return svg.replaceAll(/\bzr\d*-[a-z]+-?\d+\b/g, (found) => {
    const name = names.get(found) ?? `s${names.size}`;
    names.set(found, name);
    return name;
  });
}
