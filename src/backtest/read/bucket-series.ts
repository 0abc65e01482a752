import { type CarrySeries, countGaps, type SeriesChoice } from "#src/backtest/carry-series.ts";
import { HOUR_MS } from "#src/core/funding.ts";

export const BUCKET_MS = 8 * HOUR_MS;

/** A series of 8-hour buckets whose file tells no single settlements: nothing is known as upcoming. */
export function bucketSeries(
  { asset, pair }: SeriesChoice,
  known: Pick<CarrySeries, "places" | "endAt" | "carry" | "prices" | "rounded">,
): CarrySeries {
  return {
    ...{ ...pair, ...known, asset, stepHours: 8 },
    settled8h: known.carry,
    ...{ upcoming8h: null, stamps: null },
    gaps: countGaps(known.endAt, BUCKET_MS),
  };
}
