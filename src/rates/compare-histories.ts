import { type Decimal, dec, decFromInteger, sum } from "#src/core/decimal.ts";
import type { MarketEvidence } from "#src/core/decision.ts";
import { HOUR_MS, intervalToMs } from "#src/core/funding.ts";
import { type EpochMs, rate } from "#src/core/units.ts";
import type { SettledRate } from "#src/ports/venue.ts";

const [DAYS, DAY_HOURS] = [7, 24];
/** Less than half of the hours says too little. */
const LEAST_OF_DAY = DAY_HOURS / 2;
const LEAST_OF_WEEK = (DAYS * DAY_HOURS) / 2;

/** How steadily a pair paid in one direction over the last seven days, by what both legs settled. */
export function compareHistories(
  short: readonly SettledRate[],
  long: readonly SettledRate[],
  now: EpochMs,
): Pick<MarketEvidence, "persistence" | "spread8hByDay"> {
  const last = Math.floor(now / HOUR_MS);
  const first = last - DAYS * DAY_HOURS;
  const [shortByHour, longByHour] = [byHour(short), byHour(long)];
  const days = Array.from({ length: DAYS }, (_, day) =>
    Array.from({ length: DAY_HOURS }, (_none, hour) => first + day * DAY_HOURS + hour + 1).flatMap(
      (hour) => {
        const [paid, cost] = [shortByHour.get(hour), longByHour.get(hour)];
        return paid && cost ? paid.minus(cost) : [];
      },
    ),
  );
  const hours = days.flat();
  const earned = hours.filter((spread) => spread.gt("0")).length;
  return {
    persistence:
      hours.length < LEAST_OF_WEEK
        ? null
        : decFromInteger(earned).div(decFromInteger(hours.length)).round(4),
    spread8hByDay: days.some((day) => day.length < LEAST_OF_DAY) ? [] : days.map(mean8h),
  };
}

/** What each hour paid, by the number of the hour that it ended with: a settlement pays for all of its hours. */
function byHour(settled: readonly SettledRate[]): ReadonlyMap<number, Decimal> {
  const hours = new Map<number, Decimal>();
  for (const one of settled) {
    const interval = dec(one.intervalHours);
    const end = Math.floor(one.fundingAt / HOUR_MS);
    const count = Math.round(intervalToMs(interval) / HOUR_MS);
    const perHour = one.rate.div(interval);
    for (let back = 0; back < count; back += 1) hours.set(end - back, perHour);
  }
  return hours;
}

function mean8h(day: readonly Decimal[]) {
  return rate(sum(day).times("8").div(decFromInteger(day.length)).round(10));
}
