import { type Decimal, dec, decFromInteger, ONE, sum } from "#src/core/decimal.ts";
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
  const [shortByHour, longByHour] = [paidByHour(short), paidByHour(long)];
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
export function paidByHour(settled: readonly SettledRate[]): ReadonlyMap<number, Decimal> {
  return byHour(settled, ({ rate: paid }, interval) =>
    interval.eq(ONE) ? paid : paid.div(interval),
  );
}

/** The same to look at, never to reckon with. */
export function roughlyByHour(settled: readonly SettledRate[]): ReadonlyMap<number, number> {
  const rough = (value: Decimal) => Number(value.toFixed());
  return byHour(settled, ({ rate: paid }, interval) => rough(paid) / rough(interval));
}

function byHour<Paid>(
  settled: readonly SettledRate[],
  paidAnHour: (one: SettledRate, interval: Decimal) => Paid,
): ReadonlyMap<number, Paid> {
  const hours = new Map<number, Paid>();
  // A history has few different intervals and hundreds of settlements.
  const counts = new Map<string, number>();
  for (const one of settled) {
    const interval = dec(one.intervalHours);
    const count = counts.get(one.intervalHours) ?? Math.round(intervalToMs(interval) / HOUR_MS);
    counts.set(one.intervalHours, count);
    const end = Math.floor(one.fundingAt / HOUR_MS);
    const paid = paidAnHour(one, interval);
    for (let back = 0; back < count; back += 1) hours.set(end - back, paid);
  }
  return hours;
}

function mean8h(day: readonly Decimal[]) {
  return rate(sum(day).times("8").div(decFromInteger(day.length)).round(10));
}
