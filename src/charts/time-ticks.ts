import type { EpochMs } from "#src/core/units.ts";

export interface TimeTicks {
  readonly at: readonly EpochMs[];
  readonly label: (at: EpochMs) => string;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const STEPS_MS = [
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR_MS),
  ...[1, 2, 5, 10, 20].map((days) => days * DAY_MS),
];
const MONTHS = [1, 2, 3, 6, 12, 24, 60];

/** Round moments in UTC, at most `count`: hours of a day, days, or beginnings of months. */
export function timeTicks(from: EpochMs, until: EpochMs, count: number): TimeTicks {
  const step = STEPS_MS.find((one) => (until - from) / one <= count);
  if (step === undefined) return { at: monthStarts(from, until, count), label: monthLabel };
  const first = Math.ceil(from / step) * step;
  const at = Array.from(
    { length: Math.floor((until - first) / step) + 1 },
    (_, i) => first + i * step,
  );
  return { at, label: step < DAY_MS ? clockLabel : dayLabel };
}

function monthStarts(from: EpochMs, until: EpochMs, count: number): readonly EpochMs[] {
  const monthOf = (at: EpochMs) => {
    const date = new Date(at);
    return date.getUTCFullYear() * 12 + date.getUTCMonth();
  };
  const [first, last] = [monthOf(from) + 1, monthOf(until)];
  const every = MONTHS.find((one) => (last - first) / one <= count) ?? 120;
  const start = Math.ceil(first / every) * every;
  const months = Array.from(
    { length: Math.max(0, Math.floor((last - start) / every) + 1) },
    (_, index) => start + index * every,
  );
  return months.map((month) => Date.UTC(Math.floor(month / 12), month % 12, 1));
}

/** "08:00", and where a day begins its date. */
function clockLabel(at: EpochMs): string {
  return at % DAY_MS === 0 ? dayLabel(at) : new Date(at).toISOString().slice(11, 16);
}

function dayLabel(at: EpochMs): string {
  return `${new Date(at).getUTCDate()} ${monthName(at)}`;
}

function monthLabel(at: EpochMs): string {
  return `${monthName(at)} ${new Date(at).getUTCFullYear()}`;
}

function monthName(at: EpochMs): string {
  return new Date(at).toLocaleString("en-US", { month: "short", timeZone: "UTC" });
}
