import { type Context, InputFile } from "grammy";
import { drawChart } from "#src/charts/draw-chart.ts";
import { isoTime } from "#src/core/time.ts";
import type { Pipeline } from "#src/pipeline/contract.ts";
import type { Clock } from "#src/ports/clock.ts";

/** As wide as a phone's chat. */
const PICTURE = { width: 400, height: 480, theme: "light" } as const;

/** What the accounts held, as a picture under the figures. */
export async function sendEquityPicture(ctx: Context, pipeline: Pipeline): Promise<void> {
  const chart = await pipeline.equityChart();
  if (!chart) {
    await ctx.reply("The picture of it begins with the first full hour.");
    return;
  }
  const png = await drawChart(chart, { ...PICTURE, format: "png" });
  await ctx.replyWithPhoto(new InputFile(png, "equity.png"), { caption: chart.note });
}

export async function sendExport(ctx: Context, pipeline: Pipeline, clock: Clock): Promise<void> {
  const csv = await pipeline.exportCsv();
  const name = `hedgerow-${isoTime(clock.marketNow()).slice(0, 10)}.csv`;
  await ctx.replyWithDocument(new InputFile(Buffer.from(csv), name), {
    caption:
      "One row for each fill, fee, payment, interest and transfer; the last lines come to today's equity.",
  });
}
