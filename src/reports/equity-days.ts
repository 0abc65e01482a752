import { dec, ZERO } from "#src/core/decimal.ts";
import { DAY_MS } from "#src/core/funding.ts";
import { type EpochMs, type Usd, usd } from "#src/core/units.ts";
import type { EquityPoint } from "#src/ports/trading-stores.ts";

/** A day's last point comes a little after midnight, when what midnight settled is in the accounts. */
const EVENING_MS = 30 * 60_000;

export interface EquityDay {
  /** Its first moment, UTC. */
  readonly dayStart: EpochMs;
  readonly equityUsd: Usd;
  /** Since the evening before, or the last one that is known; deposits and withdrawals left out. */
  readonly gainUsd: Usd;
  /** What the gain was made on, and whether it is exactly one day's. */
  readonly startUsd: Usd;
  readonly isWhole: boolean;
}

/** What each day gained, oldest first: gains sum exactly to the change of equity less the flows. */
export function equityDays(points: readonly EquityPoint[]): readonly EquityDay[] {
  const days: EquityDay[] = [];
  let evening: { readonly day: EpochMs | null; readonly equityUsd: Usd } | null = null;
  let flows = ZERO;
  points.forEach((point, index) => {
    const day = dayOfPoint(point);
    if (evening) flows = flows.plus(point.flowsUsd);
    // Where it all began is no gain, and the day of it no whole one.
    else evening = { day: null, equityUsd: point.equityUsd };
    const next = points[index + 1];
    if (next && dayOfPoint(next) === day) return;
    if (!evening || index === 0) return;
    days.push({
      ...{ dayStart: day, equityUsd: point.equityUsd, startUsd: evening.equityUsd },
      gainUsd: usd(point.equityUsd.minus(evening.equityUsd).minus(flows)),
      isWhole: evening.day === day - DAY_MS,
    });
    evening = { day, equityUsd: point.equityUsd };
    flows = dec("0");
  });
  return days;
}

function dayOfPoint({ at }: EquityPoint): EpochMs {
  return Math.floor((at - EVENING_MS) / DAY_MS) * DAY_MS;
}
