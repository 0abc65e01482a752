import type { ChartData } from "#src/reports/chart-data.ts";
import type { ThemeName } from "./themes.ts";

export interface ChartSize {
  /** Of the page or the phone, in its own pixels: text is laid out for it. A PNG has three times as many. */
  readonly width: number;
  readonly height: number;
  readonly theme: ThemeName;
}

/**
 * The picture as SVG text or as PNG bytes, without a browser. The libraries are large: they are loaded when
 * something is first drawn.
 */
export async function drawChart(
  data: ChartData,
  options: ChartSize & { readonly format: "svg" },
): Promise<string>;
export async function drawChart(
  data: ChartData,
  options: ChartSize & { readonly format: "png" },
): Promise<Uint8Array>;
export async function drawChart(
  data: ChartData,
  options: ChartSize & { readonly format: "svg" | "png" },
): Promise<string | Uint8Array> {
  const { renderSvg } = await import("./render-svg.ts");
  const svg = renderSvg(data, options);
  if (options.format === "svg") return svg;
  const { svgToPng } = await import("./svg-to-png.ts");
  return svgToPng(svg);
}
