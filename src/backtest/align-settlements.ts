import type { Decimal } from "#src/core/decimal.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import type { EpochMs } from "#src/core/units.ts";
import {
  type CarrySeries,
  countGaps,
  type LegStamps,
  type SeriesChoice,
  type StepPrices,
} from "./carry-series.ts";
import { commonPlaces, type RateColumn } from "./read/rate-column.ts";

/** One instrument's settlements, oldest first. */
export interface SettledLeg {
  readonly at: readonly EpochMs[];
  readonly hours: readonly number[];
  readonly rates: RateColumn;
}

const BUCKET_HOURS = 8;

/** One instrument laid on the hours of a common grid. */
interface HourlyLeg {
  readonly at: readonly EpochMs[];
  /** Row that settles at the end of each hour; −1 for none. */
  readonly rowAt: Int32Array;
  readonly units: Float64Array;
  readonly hours: readonly number[];
}

/**
 * Both legs on one grid, from complete 8-hour buckets only: a bucket counts when the settlements in it
 * cover its 8 hours on both legs. Null when there is none.
 */
export function alignSettlements(
  { asset, pair, stepHours: wanted, withPrices }: SeriesChoice,
  first: SettledLeg,
  second: SettledLeg,
  markAt: ((at: EpochMs) => Decimal | null) | null,
): CarrySeries | null {
  const stepHours = wanted ?? BUCKET_HOURS;
  const bucketMs = BUCKET_HOURS * HOUR_MS;
  const from = Math.ceil(Math.max(first.at[0] ?? 0, second.at[0] ?? 0) / bucketMs) * bucketMs;
  const until = Math.min(first.at.at(-1) ?? 0, second.at.at(-1) ?? 0);
  const hours = Math.floor((until - from) / bucketMs) * BUCKET_HOURS;
  if (hours <= 0) return null;
  const places = commonPlaces([first.rates, second.rates]);
  const [a, b] = [first.rates.units(places), second.rates.units(places)];
  const legs = [
    { ...first, rowAt: layOut(first.at, from, hours), units: a.units },
    { ...second, rowAt: layOut(second.at, from, hours), units: b.units },
  ] as const;
  const steps = collectSteps(legs, hours, stepHours);
  if (steps.ends.length === 0) return null;
  const endAt = Float64Array.from(steps.ends, (hour) => from + hour * HOUR_MS);
  return {
    ...pair,
    asset,
    stepHours,
    places,
    endAt,
    carry: Float64Array.from(steps.carry),
    settled8h: Float64Array.from(steps.settled),
    upcoming8h: Float64Array.from(steps.upcoming),
    stamps: { first: stampsOf(legs[0], steps.lastA), second: stampsOf(legs[1], steps.lastB) },
    prices: markAt && withPrices ? pricesAt(endAt, markAt) : null,
    rounded: a.rounded + b.rounded,
    gaps: countGaps(endAt, stepHours * HOUR_MS),
  };
}

function layOut(at: readonly EpochMs[], from: EpochMs, hours: number): Int32Array {
  const rowAt = new Int32Array(hours + 1).fill(-1);
  for (const [row, stamp] of at.entries()) {
    const hour = (stamp - from) / HOUR_MS;
    if (hour >= 0 && hour <= hours) rowAt[hour] = row;
  }
  return rowAt;
}

function collectSteps(legs: readonly [HourlyLeg, HourlyLeg], hours: number, stepHours: number) {
  const [a, b] = legs;
  const found = {
    ends: [] as number[],
    carry: [] as number[],
    settled: [] as number[],
    upcoming: [] as number[],
    lastA: [] as number[],
    lastB: [] as number[],
  };
  const [lastA, lastB] = [lastRows(a), lastRows(b)];
  for (let end = BUCKET_HOURS; end <= hours; end += BUCKET_HOURS) {
    if (![a, b].every((leg) => covered(leg, end) === BUCKET_HOURS)) continue;
    for (let step = end - BUCKET_HOURS + stepHours; step <= end; step += stepHours) {
      const [rowA, rowB] = [lastA[step] ?? 0, lastB[step] ?? 0];
      const [nextA, nextB] = [nextRow(a, rowA), nextRow(b, rowB)];
      found.ends.push(step);
      found.carry.push(paid(a, step, stepHours) - paid(b, step, stepHours));
      found.settled.push(per8h(a, rowA) - per8h(b, rowB));
      found.upcoming.push(per8h(a, nextA) - per8h(b, nextB));
      found.lastA.push(rowA);
      found.lastB.push(rowB);
    }
  }
  return found;
}

function stampsOf(leg: HourlyLeg, lastRows: readonly number[]): LegStamps {
  const next = lastRows.map((row) => nextRow(leg, row));
  return {
    settled: Float64Array.from(lastRows, (row) => leg.units[row] ?? 0),
    upcoming: Float64Array.from(next, (row) => leg.units[row] ?? 0),
    hours: Uint8Array.from(next, (row) => leg.hours[row] ?? 0),
    nextAt: Float64Array.from(next, (row) => leg.at[row] ?? 0),
  };
}

/** The row that was settled last at each hour. */
function lastRows({ rowAt }: HourlyLeg): Int32Array {
  const last = new Int32Array(rowAt.length);
  const before = rowAt.find((row) => row >= 0) ?? 0;
  let row = Math.max(0, before - 1);
  for (let hour = 0; hour < rowAt.length; hour += 1) {
    const here = rowAt[hour] ?? -1;
    if (here >= 0) row = here;
    last[hour] = row;
  }
  return last;
}

/** At the recording's end nothing is upcoming any more: the last one stands for it. */
function nextRow({ units }: HourlyLeg, row: number): number {
  return Math.min(row + 1, units.length - 1);
}

function per8h({ units, hours }: HourlyLeg, row: number): number {
  return ((units[row] ?? 0) * BUCKET_HOURS) / (hours[row] ?? BUCKET_HOURS);
}

/** What settled in the `span` hours up to `end`. */
function paid({ rowAt, units }: HourlyLeg, end: number, span: number): number {
  let total = 0;
  for (let hour = end - span + 1; hour <= end; hour += 1) {
    const row = rowAt[hour] ?? -1;
    if (row >= 0) total += units[row] ?? 0;
  }
  return total;
}

function covered({ rowAt, hours }: HourlyLeg, end: number): number {
  let total = 0;
  for (let hour = end - BUCKET_HOURS + 1; hour <= end; hour += 1) {
    const row = rowAt[hour] ?? -1;
    if (row >= 0) total += hours[row] ?? 0;
  }
  return total;
}

/** One price for both legs: the recording has no second one, so it can show no basis. */
function pricesAt(endAt: Float64Array, markAt: (at: EpochMs) => Decimal | null): StepPrices | null {
  const prices = [...endAt].map((at) => markAt(at));
  const known = prices.filter((price) => price !== null);
  return known.length === prices.length ? { reference: known, first: known, second: known } : null;
}
