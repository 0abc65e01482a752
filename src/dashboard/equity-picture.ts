import { drawChart } from "#src/charts/draw-chart.ts";
import type { Pipeline } from "#src/pipeline/contract.ts";
import type { Clock } from "#src/ports/clock.ts";

type Theme = "light" | "dark";

/** A phone's: on a wide screen it is stretched, never shrunk. */
const SIZE = { width: 400, height: 460 };
/** A page is looked at every second; its picture hardly changes within this. */
const LIFE_MS = 60_000;

/** The equity chart as SVG, drawn anew at most once a minute a theme; null while there is none. */
export function createEquityPicture(options: {
  readonly pipeline: Pick<Pipeline, "equityChart">;
  readonly clock: Pick<Clock, "elapsedMs">;
}): (theme: Theme) => Promise<string | null> {
  const kept = new Map<Theme, { readonly svg: Promise<string | null>; readonly ms: number }>();

  async function draw(theme: Theme): Promise<string | null> {
    const chart = await options.pipeline.equityChart();
    return chart && drawChart(chart, { ...SIZE, theme, format: "svg" });
  }

  return async (theme) => {
    const now = options.clock.elapsedMs();
    const last = kept.get(theme);
    if (last && now - last.ms < LIFE_MS) return last.svg;
    const svg = draw(theme);
    kept.set(theme, { svg, ms: now });
    // Neither a failure nor its absence is kept: the next look may see it.
    const drawn = await svg.catch(() => null);
    if (drawn === null) kept.delete(theme);
    return svg;
  };
}
