import { type Decimal, maxOf, ZERO } from "#src/core/decimal.ts";
import { DAY_MS, HOUR_MS } from "#src/core/funding.ts";
import { isoTime } from "#src/core/time.ts";
import { type EpochMs, type Usd, usd } from "#src/core/units.ts";
import type { EquityPoint } from "#src/ports/trading-stores.ts";
import type { ChartData, ChartMark, ChartPoint } from "./chart-data.ts";
import { formatUsd } from "./format.ts";

/** More points than a phone has pixels add nothing. */
const MOST_POINTS = 720;
const PLACES = 6;

/** Funding is shown by the hour, the day or the week, so that its bars can be told apart. */
const STEPS = [
  { stepMs: HOUR_MS, word: "hour", longestMs: 3 * DAY_MS },
  { stepMs: DAY_MS, word: "day", longestMs: 90 * DAY_MS },
  { stepMs: 7 * DAY_MS, word: "week", longestMs: Number.POSITIVE_INFINITY },
] as const;

/**
 * What the accounts held, as a picture; null below two points. Deposits and withdrawals are taken out of
 * the line, or they would hide what was earned.
 */
export function equityChart(input: {
  /** Oldest first. */
  readonly points: readonly EquityPoint[];
  readonly funding: readonly { readonly at: EpochMs; readonly amountUsd: Usd }[];
  readonly marks: readonly ChartMark[];
}): ChartData | null {
  const line = withoutFlows(thinned(input.points));
  const [first, last] = [line[0], line.at(-1)];
  if (!first || !last || first.at === last.at) return null;
  const flows = input.points.slice(1).some((point) => !point.flowsUsd.eq(ZERO));
  const step = STEPS.find((one) => last.at - first.at <= one.longestMs) ?? STEPS[2];
  const since = isoTime(first.at).slice(0, 16).replace("T", " ");
  const gain = formatUsd(last.equityUsd.minus(first.equityUsd), true);
  const left = flows ? ", deposits and withdrawals left out" : "";
  const equity = {
    name: "equity",
    shape: "line",
    tone: "main",
    points: line.map(toPoint),
  } as const;
  const fall = { name: "fall", shape: "shade", tone: "bad", points: falls(line) } as const;
  const bars = barsOf(input.funding, step.stepMs, first.at, last.at);
  const funding = { name: "funding", shape: "bars", tone: "main", points: bars } as const;
  return {
    title: "Equity",
    note: `${gain} since ${since} UTC${left}.`,
    panels: [
      {
        title: flows ? "Equity without what was paid in, USD" : "Equity, USD",
        weight: 3,
        series: [equity],
      },
      { title: "Below its best so far, %", weight: 1.2, series: [fall] },
      { title: `Funding per ${step.word}, USD`, weight: 1.4, series: [funding] },
    ],
    marks: input.marks.filter(({ at }) => at >= first.at && at <= last.at),
  };
}

/** The last point of each stretch; what came and went in it counts with that point. */
function thinned(points: readonly EquityPoint[]): readonly EquityPoint[] {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last || points.length <= MOST_POINTS) return points;
  const stretch = (last.at - first.at) / MOST_POINTS;
  const kept = new Map<number, EquityPoint>();
  for (const point of points) {
    const place = Math.ceil((point.at - first.at) / stretch);
    const flowsUsd = usd(point.flowsUsd.plus(kept.get(place)?.flowsUsd ?? ZERO));
    kept.set(place, { ...point, flowsUsd });
  }
  return [...kept.values()];
}

interface LinePoint {
  readonly at: EpochMs;
  readonly equityUsd: Decimal;
}

function withoutFlows(points: readonly EquityPoint[]): readonly LinePoint[] {
  let flows = ZERO;
  return points.map(({ at, equityUsd, flowsUsd }, index) => {
    if (index > 0) flows = flows.plus(flowsUsd);
    return { at, equityUsd: equityUsd.minus(flows) };
  });
}

function toPoint({ at, equityUsd }: LinePoint): ChartPoint {
  return { at, value: equityUsd.round(PLACES).toFixed() };
}

function falls(line: readonly LinePoint[]): readonly ChartPoint[] {
  let best = ZERO;
  return line.map(({ at, equityUsd }) => {
    best = maxOf(best, equityUsd);
    const fall = best.gt(ZERO) ? equityUsd.minus(best).div(best).times("100") : ZERO;
    return { at, value: fall.round(PLACES).toFixed() };
  });
}

/** Each in the middle of its stretch; a stretch that begins or ends with the picture stays inside of it. */
function barsOf(
  funding: readonly { readonly at: EpochMs; readonly amountUsd: Usd }[],
  stepMs: number,
  from: EpochMs,
  until: EpochMs,
): readonly ChartPoint[] {
  const sums = new Map<number, Decimal>();
  for (const { at, amountUsd } of funding) {
    if (at < from || at > until) continue;
    // Settlements pay for the stretch that they end.
    const start = Math.floor((at - 1) / stepMs) * stepMs;
    sums.set(start, amountUsd.plus(sums.get(start) ?? ZERO));
  }
  return [...sums]
    .sort(([a], [b]) => a - b)
    .map(([start, value]) => ({
      at: Math.min(Math.max(start + stepMs / 2, from), until),
      value: value.round(PLACES).toFixed(),
    }));
}
